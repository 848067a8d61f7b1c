//! The access tokens of all lanes: which are alive, and until when. A new token leaves the one before it alive for
//! the grace and kills those before that one.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::ids;
use crate::clock::Timestamp;
use crate::random::Random;

/// Dead tokens are remembered so that they answer 42001 or 40001 as WeChat would; this bounds the memory.
const KEPT_PER_LANE: usize = 6;

/// Whom a token speaks for. Lanes never disturb each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    Component {
        component: String,
    },
    Authorizer {
        component: String,
        account: String,
    },
    /// `/cgi-bin/token`
    Own {
        account: String,
    },
    /// `/cgi-bin/stable_token`
    Stable {
        account: String,
    },
}

impl Lane {
    pub fn authorizer(component: &str, account: &str) -> Self {
        Self::Authorizer { component: component.to_owned(), account: account.to_owned() }
    }

    pub fn component(component: &str) -> Self {
        Self::Component { component: component.to_owned() }
    }

    /// The appid that a call with such a token is counted on.
    pub fn appid(&self) -> &str {
        match self {
            Self::Component { component } => component,
            Self::Authorizer { account, .. } | Self::Own { account } | Self::Stable { account } => account,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Issued {
    pub lane: Lane,
    pub expires_at: Timestamp,
    /// Superseded or killed: refused from this moment on.
    pub dies_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenProblem {
    /// Never issued, superseded or killed: 40001.
    Invalid,
    /// Its life is over: 42001.
    Expired,
}

#[derive(Debug, Default)]
pub struct TokenBook {
    issued: HashMap<String, Issued>,
    lanes: HashMap<Lane, VecDeque<String>>,
}

impl TokenBook {
    pub fn issue(
        &mut self,
        lane: &Lane,
        random: &Random,
        now: Timestamp,
        life: Duration,
        grace: Duration,
    ) -> String {
        let value = ids::access_token(random);
        let values = self.lanes.entry(lane.clone()).or_default();
        for (age, old) in values.iter().rev().enumerate() {
            let dies_at = if age == 0 { now.plus(grace) } else { now };
            if let Some(issued) = self.issued.get_mut(old) {
                issued.dies_at = Some(issued.dies_at.map_or(dies_at, |earlier| earlier.min(dies_at)));
            }
        }
        values.push_back(value.clone());
        if values.len() > KEPT_PER_LANE
            && let Some(oldest) = values.pop_front()
        {
            self.issued.remove(&oldest);
        }
        let issued = Issued { lane: lane.clone(), expires_at: now.plus(life), dies_at: None };
        self.issued.insert(value.clone(), issued);
        value
    }

    pub fn check(&self, value: &str, now: Timestamp) -> Result<&Lane, TokenProblem> {
        let issued = self.issued.get(value).ok_or(TokenProblem::Invalid)?;
        if now >= issued.expires_at {
            Err(TokenProblem::Expired)
        } else if issued.dies_at.is_some_and(|dies_at| now >= dies_at) {
            Err(TokenProblem::Invalid)
        } else {
            Ok(&issued.lane)
        }
    }

    /// Whom a token speaks for, dead or alive.
    pub fn lane_of(&self, value: &str) -> Option<&Lane> {
        self.issued.get(value).map(|issued| &issued.lane)
    }

    pub fn latest(&self, lane: &Lane) -> Option<(&str, &Issued)> {
        let value = self.lanes.get(lane)?.back()?;
        self.issued.get(value).map(|issued| (value.as_str(), issued))
    }

    /// Kills every token of the lane at once.
    pub fn kill(&mut self, lane: &Lane, now: Timestamp) {
        for value in self.lanes.get(lane).into_iter().flatten() {
            if let Some(issued) = self.issued.get_mut(value) {
                issued.dies_at = Some(now);
            }
        }
    }
}
