//! kameo and ractor: a question without an answer ends at its limit.

use std::time::Duration;

use kameo::Actor;
use kameo::error::SendError;
use kameo::message::{Context, Message};
use tokio::time::{Instant, sleep};

const S: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_millis(2);

/// It is `time` after `begun`, or a little later.
fn at(begun: Instant, time: Duration) {
    let took = begun.elapsed();
    assert!((time..=time + LATE).contains(&took), "{took:?}");
}

#[derive(Actor)]
struct Slow;

struct Ask(Duration);

impl Message<Ask> for Slow {
    type Reply = u32;

    async fn handle(&mut self, Ask(takes): Ask, _: &mut Context<Self, u32>) -> u32 {
        sleep(takes).await;
        7
    }
}

#[tokio::test]
async fn kameo_a_question_ends_at_its_limit() {
    let actor = Slow::spawn(Slow);
    let begun = Instant::now();
    let answer = actor.ask(Ask(60 * S)).reply_timeout(S).await;
    assert!(matches!(answer, Err(SendError::Timeout(_))));
    at(begun, S);
}

#[tokio::test]
async fn kameo_an_answer_in_time_is_given() {
    let actor = Slow::spawn(Slow);
    let begun = Instant::now();
    assert_eq!(actor.ask(Ask(S / 2)).reply_timeout(S).await.unwrap(), 7);
    at(begun, S / 2);
}

struct Echo;

impl ractor::Actor for Echo {
    type Msg = (Duration, ractor::RpcReplyPort<u32>);
    type State = ();
    type Arguments = ();

    async fn pre_start(
        &self,
        _: ractor::ActorRef<Self::Msg>,
        (): (),
    ) -> Result<(), ractor::ActorProcessingErr> {
        Ok(())
    }

    async fn handle(
        &self,
        _: ractor::ActorRef<Self::Msg>,
        (takes, answer): Self::Msg,
        (): &mut (),
    ) -> Result<(), ractor::ActorProcessingErr> {
        sleep(takes).await;
        let _ = answer.send(7);
        Ok(())
    }
}

#[tokio::test]
async fn ractor_a_question_ends_at_its_limit() {
    let (actor, runs) = ractor::Actor::spawn(None, Echo, ()).await.unwrap();
    let begun = Instant::now();
    let answer = actor.call(|answer| (3 * S, answer), Some(S)).await.unwrap();
    assert!(matches!(answer, ractor::rpc::CallResult::Timeout));
    at(begun, S);
    // The actor is with the first question until it is through with it.
    let answer = actor
        .call(|answer| (S / 2, answer), Some(10 * S))
        .await
        .unwrap();
    assert!(matches!(answer, ractor::rpc::CallResult::Success(7)));
    at(begun, 3 * S + S / 2);
    actor.stop(None);
    runs.await.unwrap();
}
