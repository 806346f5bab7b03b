//! One function a family of steps, each through the public API of `deadheat-timeout`.

use std::pin::Pin;
use std::time::Duration;

use deadheat::program::{Latency as SimLatency, SimClock};
use deadheat_timeout::{Cx, Handle, ShiftError, StateError, Timeout, shield};

use crate::ast::{Deadline, Handler, Latency, ScopeId, ScopeState, Step, When};
use crate::outcome;

use super::{Raised, Stage};

type Ended<'a> = Pin<Box<dyn Future<Output = Result<(), Raised>> + 'a>>;

/// Runs steps one after the other.
pub(crate) fn run<'a>(player: Player<'a>, steps: &'a [Step]) -> Ended<'a> {
    Box::pin(async move {
        let mut end = Ok(());
        for step in steps {
            player.stage.reaches_step(step);
            let within = Some(step);
            end = one(Player { within, ..player }, step).await;
            if end.is_err() {
                break;
            }
        }
        // What follows is done by the step around these.
        if let Some(step) = player.within {
            player.stage.reaches_step(step);
        }
        end
    })
}

/// A task in the middle of its steps.
#[derive(Clone, Copy)]
pub(crate) struct Player<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) cx: &'a Cx<SimClock>,
    /// Which task it is.
    pub(crate) task: usize,
    /// What the innermost `on` around the present steps caught.
    pub(crate) caught: Option<&'a Raised>,
    /// The step that it is in.
    pub(crate) within: Option<&'a Step>,
}

async fn one<'a>(player: Player<'a>, step: &'a Step) -> Result<(), Raised> {
    let Player { stage, cx, .. } = player;
    match step {
        Step::Sleep(latency) => player.sleep(*latency).await,
        Step::Yield => Ok(cx.wait(deadheat::yield_now()).await?),
        Step::Timeout {
            scope,
            deadline,
            body,
        } => player.timeout(*scope, *deadline, body).await,
        Step::WaitForSteps { after, body } => {
            let delay = after.map(Duration::from_nanos);
            cx.wait_for_body(async |_| run(player, body).await, delay)
                .await
        }
        Step::WaitForTask { task, after } => {
            cx.wait_for_task(&stage.task(*task), after.map(Duration::from_nanos))
                .await
        }
        Step::Await {
            task,
            shield: false,
        } => cx.join(&stage.task(*task)).await,
        Step::Await { task, shield: true } => cx.wait(shield(&stage.task(*task))).await?,
        Step::Wait(event) => Ok(stage.event(*event).wait(cx).await?),
        Step::Send { queue, value } => Ok(stage.queue(*queue).put(cx, value.clone()).await?),
        Step::Recv(queue) => {
            let value = stage.queue(*queue).take(cx).await?;
            player.log(format!("received {value}"));
            Ok(())
        }
        Step::Acquire { semaphore, body } => {
            let semaphore = stage.semaphore(*semaphore);
            semaphore.acquire(cx).await?;
            let end = run(player, body).await;
            semaphore.release();
            end
        }
        Step::Try {
            body,
            handlers,
            finally,
        } => player.attempt(body, handlers, finally.as_deref()).await,
        Step::Reschedule { .. } | Step::Shift { .. } | Step::Update { .. } | Step::Reject(_) => {
            player.move_deadline(step)
        }
        Step::Raise | Step::Fail(_) => Err(player.raised(step)),
        Step::Busy(_)
        | Step::Log(_)
        | Step::Cancel(_)
        | Step::Uncancel
        | Step::Set(_)
        | Step::Clear(_)
        | Step::Check { .. } => {
            player.do_at_once(step);
            Ok(())
        }
    }
}

impl<'a> Player<'a> {
    fn log(self, text: String) {
        self.stage.log(self.task, text);
    }

    /// asyncio's `sleep(0)` is a bare yield and no timer.
    async fn sleep(self, latency: Latency) -> Result<(), Raised> {
        match latency {
            Latency::Exact(0) => Ok(self.cx.wait(deadheat::yield_now()).await?),
            latency => Ok(self.cx.wait(deadheat::sleep(simulated(latency))).await?),
        }
    }

    async fn timeout(
        self,
        scope: ScopeId,
        deadline: Deadline,
        body: &'a [Step],
    ) -> Result<(), Raised> {
        let Player { stage, cx, .. } = self;
        let timeout = match deadline {
            Deadline::None => Timeout::never(cx.clock()),
            Deadline::After(nanos) => Timeout::after(cx.clock(), Duration::from_nanos(nanos)),
            Deadline::At(nanos) => Timeout::at(cx.clock(), outcome::instant(nanos)),
        };
        stage.enter(scope, timeout.handle());
        timeout.run_in(cx, async |_| run(self, body).await).await
    }

    async fn attempt(
        self,
        body: &'a [Step],
        handlers: &'a [Handler],
        finally: Option<&'a [Step]>,
    ) -> Result<(), Raised> {
        let mut end = run(self, body).await;
        if let Err(raised) = &end
            && let Some(handler) = handlers
                .iter()
                .find(|handler| handler.kind == raised.kind())
        {
            let raised = raised.clone();
            end = run(
                Player {
                    caught: Some(&raised),
                    ..self
                },
                &handler.steps,
            )
            .await;
        }
        if let Some(finally) = finally {
            run(self, finally).await?;
        }
        end
    }

    /// A step in which the task neither waits nor fails.
    fn do_at_once(self, step: &Step) {
        let Player { stage, cx, .. } = self;
        match step {
            Step::Busy(latency) => deadheat::program::busy(simulated(*latency)),
            Step::Log(text) => self.log(text.clone()),
            Step::Cancel(task) => {
                stage.task(*task).cancel();
            }
            Step::Uncancel => {
                cx.uncancel();
            }
            Step::Set(event) => stage.event(*event).set(),
            Step::Clear(event) => stage.event(*event).clear(),
            Step::Check {
                scope,
                expired,
                state,
                when,
            } => self.check(*scope, *expired, *state, *when),
            _ => {}
        }
    }

    /// What a step raises that does nothing else.
    fn raised(self, step: &Step) -> Raised {
        match (step, self.caught) {
            (Step::Fail(name), _) => Raised::named(name),
            (_, Some(caught)) => caught.clone(),
            // The parser lets no `raise` stand outside of an `on`.
            (_, None) => Raised::named("nothing to raise"),
        }
    }

    fn move_deadline(self, step: &Step) -> Result<(), Raised> {
        let entered = |scope: ScopeId| self.stage.scope(scope).ok_or_else(invalid_state);
        match step {
            Step::Reschedule { scope, deadline } => {
                let scope = entered(*scope)?;
                match deadline {
                    Deadline::None => scope.reschedule(None),
                    Deadline::After(nanos) => scope.reschedule_after(Duration::from_nanos(*nanos)),
                    Deadline::At(nanos) => scope.reschedule_at(outcome::instant(*nanos)),
                }
                .map_err(not_active)
            }
            Step::Shift { scope, by } => shift(&entered(*scope)?, *by),
            Step::Update { scope, at } => entered(*scope)?
                .update(outcome::instant(*at))
                .map_err(not_active),
            Step::Reject(scope) => entered(*scope)?.reject().map_err(not_active),
            _ => Ok(()),
        }
    }

    fn check(
        self,
        scope: ScopeId,
        expired: Option<bool>,
        state: Option<ScopeState>,
        when: Option<When>,
    ) {
        let name = &self.stage.scenario.scopes[scope.0];
        let Some(handle) = self.stage.scope(scope) else {
            let is_created = state.is_none_or(|state| state == ScopeState::Created);
            let holds = is_created && expired != Some(true) && when.is_none();
            return deadheat::program::always(holds, || {
                format!("a check of scope {name} came before it was entered")
            });
        };
        let found = outcome::ScopeOutcome::of(name, &handle);
        for mismatch in found.mismatches(expired, state, when) {
            deadheat::program::always(false, || {
                format!("a check expected scope {name} {mismatch}")
            });
        }
    }
}

fn simulated(latency: Latency) -> SimLatency {
    match latency {
        Latency::Exact(nanos) => Duration::from_nanos(nanos).into(),
        Latency::Range { low_ns, high_ns } => {
            (Duration::from_nanos(low_ns)..=Duration::from_nanos(high_ns)).into()
        }
    }
}

fn shift(scope: &Handle<SimClock>, by: i64) -> Result<(), Raised> {
    let distance = Duration::from_nanos(by.unsigned_abs());
    let shifted = if by < 0 {
        scope.shift_earlier(distance)
    } else {
        scope.shift(distance)
    };
    shifted.map_err(|error| match error {
        ShiftError::NoDeadline => Raised::named("no-deadline"),
        _ => invalid_state(),
    })
}

fn invalid_state() -> Raised {
    Raised::named("invalid-state")
}

fn not_active(_: StateError) -> Raised {
    invalid_state()
}
