//! How many connections one address holds open, so that nobody takes all of them. A trusted proxy stands for many people
//! and is not counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;

use crate::domain::throttle::place;

/// Counts connections; clones count together.
#[derive(Clone, Debug)]
pub(super) struct Guests(Arc<House>);

#[derive(Debug)]
struct House {
    most: usize,
    trusted: Vec<IpNet>,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection that was let in, until it is dropped.
#[derive(Debug)]
pub(super) struct Guest {
    house: Arc<House>,
    /// `None`: not counted.
    place: Option<IpAddr>,
}

impl Guests {
    pub(super) fn new(most: usize, trusted: Vec<IpNet>) -> Self {
        Self(Arc::new(House { most, trusted, open: Mutex::default() }))
    }

    /// `None` when the address has as many connections as it may have.
    pub(super) fn let_in(&self, peer: IpAddr) -> Option<Guest> {
        let house = Arc::clone(&self.0);
        if house.trusted.iter().any(|network| network.contains(&peer)) {
            return Some(Guest { house, place: None });
        }
        let place = place(peer);
        {
            let mut open = house.open.lock().unwrap_or_else(PoisonError::into_inner);
            let count = open.entry(place).or_default();
            if *count >= house.most {
                return None;
            }
            *count += 1;
        }
        Some(Guest { house, place: Some(place) })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
        let mut open = self.house.open.lock().unwrap_or_else(PoisonError::into_inner);
        let left = open.get(&place).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            open.remove(&place);
        } else {
            open.insert(place, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_its_share_and_a_trusted_proxy_has_all() {
        let guests = Guests::new(2, vec!["10.0.0.0/8".parse().unwrap()]);
        let one = guests.let_in(address("203.0.113.1")).unwrap();
        let _two = guests.let_in(address("203.0.113.1")).unwrap();
        assert!(guests.let_in(address("203.0.113.1")).is_none());
        assert!(guests.let_in(address("203.0.113.2")).is_some(), "somebody else");
        drop(one);
        assert!(guests.let_in(address("203.0.113.1")).is_some(), "one has left");
        let many: Vec<_> = (0..9).map(|_| guests.let_in(address("10.1.2.3")).unwrap()).collect();
        drop(many);
    }

    #[test]
    fn a_home_has_one_share_and_nothing_is_kept_of_who_left() {
        let guests = Guests::new(1, Vec::new());
        let one = guests.let_in(address("2001:db8:1:2::1")).unwrap();
        assert!(guests.let_in(address("2001:db8:1:2::2")).is_none());
        assert!(guests.let_in(address("2001:db8:1:3::1")).is_some());
        drop(one);
        assert!(guests.0.open.lock().unwrap().is_empty());
    }
}
