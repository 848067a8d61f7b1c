//! Many callers, one piece of work: what waits at the same time is done together, such as commits to one disk. Whoever
//! comes first starts a task that works until nobody waits any more; a caller that goes away takes nothing with it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Callers that wait for the same kind of work. Clones are the same group.
pub struct Group<I, O>(Arc<Mutex<Line<I, O>>>);

struct Line<I, O> {
    waiting: Vec<(I, oneshot::Sender<O>)>,
    is_served: bool,
}

impl<I, O> Group<I, O>
where
    I: Send + 'static,
    O: Send + 'static,
{
    /// Has `item` worked on together with others, at most `most` at a time. `work` gives an outcome for each of its
    /// items, in their order. `None` when it panicked.
    pub async fn join<W, F>(&self, item: I, most: usize, work: W) -> Option<O>
    where
        W: Fn(Vec<I>) -> F + Send + 'static,
        F: Future<Output = Vec<O>> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let is_first = {
            let mut line = self.line();
            line.waiting.push((item, tell));
            !std::mem::replace(&mut line.is_served, true)
        };
        if is_first {
            tokio::spawn(serve(self.clone(), most, work));
        }
        told.await.ok()
    }

    fn line(&self) -> MutexGuard<'_, Line<I, O>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those at the front; the line counts as unserved when there is nobody.
    fn take(&self, most: usize) -> Option<(Vec<I>, Vec<oneshot::Sender<O>>)> {
        let mut line = self.line();
        let length = line.waiting.len().min(most.max(1));
        line.is_served = length > 0;
        (length > 0).then(|| line.waiting.drain(..length).unzip())
    }
}

async fn serve<I, O, W, F>(group: Group<I, O>, most: usize, work: W)
where
    I: Send + 'static,
    O: Send + 'static,
    W: Fn(Vec<I>) -> F,
    F: Future<Output = Vec<O>>,
{
    let _relief = Relief(group.clone());
    while let Some((items, tellers)) = group.take(most) {
        for (tell, outcome) in tellers.into_iter().zip(work(items).await) {
            // Whoever does not wait any more does not want to know.
            let _ = tell.send(outcome);
        }
    }
}

/// When the work panics, nobody waits in vain: those in line are sent away, and the next one starts anew.
struct Relief<I: Send + 'static, O: Send + 'static>(Group<I, O>);

impl<I: Send + 'static, O: Send + 'static> Drop for Relief<I, O> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut line = self.0.line();
            line.waiting.clear();
            line.is_served = false;
        }
    }
}

impl<I, O> Clone for Group<I, O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<I, O> Default for Group<I, O> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Line { waiting: Vec::new(), is_served: false })))
    }
}

impl<I, O> fmt::Debug for Group<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn what_comes_while_work_is_under_way_is_done_together() {
        let (group, gate) = (Group::<u32, (u32, usize)>::default(), Arc::new(Semaphore::new(0)));
        let join = |number| {
            let gate = Arc::clone(&gate);
            group.join(number, 4, move |items: Vec<u32>| {
                let gate = Arc::clone(&gate);
                async move {
                    gate.acquire().await.unwrap().forget();
                    let length = items.len();
                    items.into_iter().map(|item| (item * 10, length)).collect()
                }
            })
        };
        let open = async {
            tokio::task::yield_now().await;
            gate.add_permits(9);
        };

        let (done, ()) = tokio::join!(join_all((0..7).map(join)), open);

        let done: Vec<(u32, usize)> = done.into_iter().flatten().collect();
        assert_eq!(done.iter().map(|(outcome, _)| *outcome).collect::<Vec<_>>(), [0, 10, 20, 30, 40, 50, 60]);
        assert!(done.iter().all(|(_, together)| (3..=4).contains(together)), "{done:?}");
    }

    #[tokio::test]
    async fn a_panic_sends_everybody_away_and_the_next_one_starts_anew() {
        let group = Group::<bool, ()>::default();
        let join = |breaks| {
            group.join(breaks, 1, |items: Vec<bool>| async move {
                assert!(!items[0], "this work breaks");
                vec![()]
            })
        };
        let (first, second) = tokio::join!(join(true), join(false));
        assert_eq!((first, second), (None, None));
        assert_eq!(join(false).await, Some(()));
    }
}
