//! `tokio::sync` works unchanged inside a run, in any order.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use deadheat::{Config, check, clock, sleep, spawn, yield_now};
use deadheat_timeout::timeout;
use tokio::sync::{Mutex, Notify, RwLock, Semaphore, broadcast, mpsc, oneshot, watch};

const MS: Duration = Duration::from_millis(1);

#[test]
fn channels_deliver_everything_in_order() {
    let runs = check(&Config::new().runs(300), || async {
        let (sender, mut receiver) = mpsc::channel(2);
        let producers: Vec<_> = (0..3)
            .map(|producer| {
                let sender = sender.clone();
                spawn(async move {
                    for item in 0..4 {
                        sleep(MS..=MS * 3).await;
                        sender.send((producer, item)).await.unwrap();
                    }
                })
            })
            .collect();
        drop(sender);
        let mut next = [0; 3];
        while let Some((producer, item)) = receiver.recv().await {
            assert_eq!(next[producer], item);
            next[producer] += 1;
        }
        assert_eq!(next, [4; 3]);
        for producer in producers {
            producer.await.unwrap();
        }
    });
    assert_eq!(runs.unwrap(), 300);
}

#[test]
fn locks_exclude_and_permits_add_up() {
    check(&Config::new().runs(300), || async {
        let pool = Arc::new(Semaphore::new(2));
        let inside = Arc::new(Mutex::new(0));
        let tasks: Vec<_> = (0..5)
            .map(|_| {
                let (pool, inside) = (Arc::clone(&pool), Arc::clone(&inside));
                spawn(async move {
                    let permit = timeout(&clock(), MS * 3, pool.acquire()).await;
                    if permit.is_ok() {
                        *inside.lock().await += 1;
                        sleep(MS..=MS * 5).await;
                        let mut inside = inside.lock().await;
                        assert!(*inside <= 2);
                        *inside -= 1;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(pool.available_permits(), 2);
    })
    .unwrap();
}

#[test]
fn notify_oneshot_watch_broadcast_and_rwlock_work() {
    check(&Config::new().runs(100), || async {
        let notify = Rc::new(Notify::new());
        let waits = Rc::clone(&notify);
        let waiter = spawn(async move { waits.notified().await });
        let (once, answer) = oneshot::channel();
        let (state, mut seen) = watch::channel(0);
        let (all, mut heard) = broadcast::channel(4);
        let lock = Rc::new(RwLock::new(1));
        let writer = Rc::clone(&lock);
        spawn(async move {
            yield_now().await;
            notify.notify_one();
            once.send(7).unwrap();
            state.send(1).unwrap();
            all.send(2).unwrap();
            *writer.write().await += 1;
            state.send(2).unwrap();
        });
        waiter.await.unwrap();
        assert_eq!(answer.await, Ok(7));
        assert_eq!(heard.recv().await, Ok(2));
        while *seen.borrow_and_update() < 2 {
            seen.changed().await.unwrap();
        }
        assert_eq!(*lock.read().await, 2);
    })
    .unwrap();
}
