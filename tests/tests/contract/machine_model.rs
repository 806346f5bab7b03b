//! `deadheat_timeout::machine` against the contract written the naive way: a list of the cancel
//! requests that count, each with who made it, where the library has two numbers.
//!
//! 1. After every operation both say the same: states, deadlines, counts, what came of it.
//! 2. `expired_implies_cancelled_by_us`, `no_reschedule_after_exit`, `correct_nesting` hold of what
//!    the library said, whatever was done to it.

use deadheat_timeout::machine::{BodyEnd, Requests, Scope};
use deadheat_timeout::{ScopeEnd, ShiftError, State};
use proptest::prelude::*;

/// What can be done to one task and its scopes. A scope is named by its number, modulo how many
/// there are.
#[derive(Debug, Clone, Copy)]
enum Op {
    /// Makes a scope and enters it.
    Enter(Option<u8>),
    /// Enters a scope that may have been entered before.
    EnterAgain(usize),
    /// The deadline of a scope is reached, whatever state it is in.
    Fire(usize),
    Reschedule(usize, Option<u8>),
    /// An outside request, to be delivered here.
    Request,
    /// An outside request that is passed on to the task that is waited for.
    RequestPassedOn,
    /// A request that was counted earlier, and may have been taken back since, is to be delivered here
    /// after all: the task that it was passed on to has ended.
    ComesBack,
    Deliver,
    Uncancel,
    /// Leaves the innermost scope.
    Exit(BodyEnd),
    /// Leaves a scope that may have been left before.
    ExitAgain(usize, BodyEnd),
}

/// Who made a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CancelledBy {
    Scope(usize),
    Outside,
}

#[derive(Debug, Clone, Copy)]
struct Request {
    by: CancelledBy,
    number: usize,
}

/// The contract, word for word.
#[derive(Debug, Clone, Default)]
struct Reference {
    /// The requests that count, oldest first.
    requests: Vec<Request>,
    made: usize,
    /// T5: a delivery is owed, for however many requests.
    owed: bool,
    scopes: Vec<Naive>,
}

#[derive(Debug, Clone)]
struct Naive {
    state: State,
    deadline: Option<u8>,
    /// T2: the requests of before the enter, less one if one waited to be delivered.
    before: Vec<usize>,
    asked: u32,
    end: Option<ScopeEnd>,
}

impl Reference {
    /// Somebody asks; `here` if the request is to be delivered to this task.
    fn request(&mut self, by: CancelledBy, here: bool) {
        let number = self.made;
        self.made += 1;
        self.requests.push(Request { by, number });
        self.owed |= here;
    }

    fn enter(&mut self, scope: usize) -> Result<(), State> {
        let mut before: Vec<usize> = self.requests.iter().map(|it| it.number).collect();
        if self.owed {
            before.pop();
        }
        let scope = &mut self.scopes[scope];
        if scope.state != State::Created {
            return Err(scope.state);
        }
        (scope.state, scope.before) = (State::Active, before);
        Ok(())
    }

    fn fire(&mut self, scope: usize) -> bool {
        if self.scopes[scope].state != State::Active {
            return false;
        }
        self.scopes[scope].state = State::Expiring;
        self.scopes[scope].asked += 1;
        self.request(CancelledBy::Scope(scope), true);
        true
    }

    fn reschedule(&mut self, scope: usize, deadline: Option<u8>) -> Result<(), State> {
        let scope = &mut self.scopes[scope];
        if scope.state != State::Active {
            return Err(scope.state);
        }
        scope.deadline = deadline;
        Ok(())
    }

    fn deliver(&mut self) -> bool {
        std::mem::take(&mut self.owed)
    }

    /// T14: takes one back, of those that `which` says or else the newest.
    fn take_back(&mut self, which: impl Fn(&Request) -> bool) -> Option<Request> {
        let newest = self.requests.len().checked_sub(1);
        let index = self.requests.iter().rposition(which).or(newest)?;
        let taken = self.requests.remove(index);
        if self.requests.is_empty() {
            self.owed = false;
        }
        Some(taken)
    }

    fn exit(&mut self, index: usize, body: BodyEnd) -> ScopeEnd {
        let scope = &mut self.scopes[index];
        let passes = match body {
            BodyEnd::Value => ScopeEnd::Value,
            BodyEnd::Cancelled => ScopeEnd::Cancelled,
            BodyEnd::Error => ScopeEnd::Error,
        };
        match scope.state {
            State::Active => scope.state = State::Finished,
            State::Expiring => {
                scope.state = State::Expired;
                let before = scope.before.len();
                self.take_back(|request| request.by == CancelledBy::Scope(index));
                if self.requests.len() <= before && body == BodyEnd::Cancelled {
                    return ScopeEnd::Elapsed;
                }
            }
            _ => {}
        }
        passes
    }

    /// T7, by name and not by number: a foreign request of inside the scope counts still.
    fn foreign_inside(&self, index: usize) -> bool {
        let before = &self.scopes[index].before;
        self.requests.iter().any(|request| {
            request.by != CancelledBy::Scope(index) && !before.contains(&request.number)
        })
    }
}

/// The library and the reference, side by side.
struct Pair {
    requests: Requests,
    scopes: Vec<Scope<u8>>,
    /// The scopes that are entered, outermost first.
    open: Vec<usize>,
    reference: Reference,
    /// Whether requests were taken back that were older than a scope they were taken back in, so that
    /// numbers (T6) and names (T7) cannot agree. CPython counts, too.
    takes_back_too_much: bool,
}

impl Pair {
    fn new() -> Self {
        Pair {
            requests: Requests::new(),
            scopes: Vec::new(),
            open: Vec::new(),
            reference: Reference::default(),
            takes_back_too_much: false,
        }
    }

    fn apply(&mut self, op: Op) {
        let count = self.scopes.len().max(1);
        match op {
            Op::Enter(deadline) => self.enter(deadline),
            Op::Request | Op::RequestPassedOn => self.request(matches!(op, Op::Request)),
            Op::ComesBack => {
                self.requests.mark();
                self.reference.owed = true;
            }
            Op::Deliver => assert_eq!(self.requests.deliver(), self.reference.deliver()),
            Op::Uncancel => self.uncancel(),
            Op::Exit(body) => {
                if let Some(scope) = self.open.pop() {
                    self.exit(scope, body);
                }
            }
            _ if self.scopes.is_empty() => {}
            Op::EnterAgain(scope) => self.enter_again(scope % count),
            Op::Fire(scope) => self.fire(scope % count),
            Op::Reschedule(scope, deadline) => self.reschedule(scope % count, deadline),
            Op::ExitAgain(scope, body) => self.exit_again(scope % count, body),
        }
        self.compare();
    }

    fn enter(&mut self, deadline: Option<u8>) {
        let index = self.scopes.len();
        self.scopes.push(Scope::new(deadline));
        self.reference.scopes.push(Naive {
            state: State::Created,
            deadline,
            before: Vec::new(),
            asked: 0,
            end: None,
        });
        self.no_reschedule(index, Some(1));
        assert_eq!(self.scopes[index].enter(&self.requests), Ok(()));
        assert_eq!(self.reference.enter(index), Ok(()));
        self.open.push(index);
    }

    fn enter_again(&mut self, index: usize) {
        let ours = self.scopes[index].enter(&self.requests);
        let theirs = self.reference.enter(index);
        assert_eq!(ours.map_err(|error| error.state()), theirs);
        assert!(theirs.is_err(), "T2: once only");
    }

    fn fire(&mut self, index: usize) {
        let fired = self.scopes[index].fire();
        assert_eq!(fired, self.reference.fire(index));
        if fired {
            self.requests.add();
            self.requests.mark();
        }
    }

    fn request(&mut self, here: bool) {
        self.requests.add();
        if here {
            self.requests.mark();
        }
        self.reference.request(CancelledBy::Outside, here);
    }

    fn uncancel(&mut self) {
        let taken = self.reference.take_back(|it| it.by == CancelledBy::Outside);
        let before = |scope: &usize| &self.reference.scopes[*scope].before;
        self.takes_back_too_much |= taken.is_some_and(|taken| {
            taken.by != CancelledBy::Outside
                || self
                    .open
                    .iter()
                    .any(|it| before(it).contains(&taken.number))
        });
        let remain = self.reference.requests.len();
        assert_eq!(self.requests.uncancel() as usize, remain);
    }

    fn reschedule(&mut self, index: usize, deadline: Option<u8>) {
        let ours = self.scopes[index].reschedule(deadline);
        let theirs = self.reference.reschedule(index, deadline);
        assert_eq!(ours.map_err(|error| error.state()), theirs);
    }

    fn exit(&mut self, index: usize, body: BodyEnd) {
        let foreign_inside = self.reference.foreign_inside(index);
        let ours = self.scopes[index].exit(&mut self.requests, body);
        assert_eq!(ours, self.reference.exit(index, body));
        self.reference.scopes[index].end = Some(ours);
        self.correct_nesting(index, body, foreign_inside);
    }

    /// The second exit of a scope lets the body's end pass, and takes nothing back.
    fn exit_again(&mut self, index: usize, body: BodyEnd) {
        if self.open.contains(&index) {
            return;
        }
        let (before, state) = (self.requests, self.scopes[index].state());
        let end = self.scopes[index].exit(&mut self.requests, body);
        assert_ne!(end, ScopeEnd::Elapsed);
        assert_eq!((before, state), (self.requests, self.scopes[index].state()));
        assert_eq!(end, self.reference.exit(index, body));
    }

    fn compare(&self) {
        let reference = &self.reference;
        assert_eq!(self.requests.count() as usize, reference.requests.len());
        assert_eq!(self.requests.is_undelivered(), reference.owed);
        for (scope, naive) in self.scopes.iter().zip(&reference.scopes) {
            assert_eq!(scope.state(), naive.state);
            assert_eq!(scope.deadline(), naive.deadline);
        }
    }

    /// A scope expired if and only if it asked, and it asked once; only such a scope elapses.
    fn expired_implies_cancelled_by_us(&self) {
        for (scope, naive) in self.scopes.iter().zip(&self.reference.scopes) {
            assert_eq!(u32::from(scope.state().is_expired()), naive.asked);
            if naive.end == Some(ScopeEnd::Elapsed) {
                assert_eq!(scope.state(), State::Expired);
            }
        }
    }

    /// A scope that has not begun, is expiring, or has ended cannot be moved.
    fn no_reschedule_after_exit(&mut self) {
        for index in 0..self.scopes.len() {
            if self.scopes[index].state() != State::Active {
                self.no_reschedule(index, Some(77));
                self.no_reschedule(index, None);
            }
        }
    }

    fn no_reschedule(&mut self, index: usize, deadline: Option<u8>) {
        let scope = &mut self.scopes[index];
        let before = *scope;
        assert_eq!(
            scope.reschedule(deadline).unwrap_err().state(),
            before.state()
        );
        let shifted = scope.shift(|at| at.checked_add(1)).unwrap_err();
        match (before.deadline(), shifted) {
            (Some(_), ShiftError::State(error)) => assert_eq!(error.state(), before.state()),
            (None, ShiftError::NoDeadline) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(*scope, before);
    }

    /// A scope elapses if and only if it expired, its body ended in `Cancelled`, and no request of
    /// anybody else, made inside or waiting at the enter, counts still. So an outer scope's request
    /// passes through, and an outside one is never swallowed.
    fn correct_nesting(&self, index: usize, body: BodyEnd, foreign_inside: bool) {
        if self.takes_back_too_much {
            return;
        }
        let naive = &self.reference.scopes[index];
        let elapses =
            naive.state == State::Expired && body == BodyEnd::Cancelled && !foreign_inside;
        assert_eq!(naive.end == Some(ScopeEnd::Elapsed), elapses);
        // And it has left nothing of its own.
        let requests = &self.reference.requests;
        assert!(
            requests
                .iter()
                .all(|request| request.by != CancelledBy::Scope(index))
        );
    }
}

fn bodies() -> impl Strategy<Value = BodyEnd> {
    prop_oneof![
        4 => Just(BodyEnd::Cancelled),
        1 => Just(BodyEnd::Value),
        1 => Just(BodyEnd::Error),
    ]
}

fn ops() -> impl Strategy<Value = Op> {
    let deadlines = || proptest::option::of(any::<u8>());
    prop_oneof![
        4 => deadlines().prop_map(Op::Enter),
        1 => (0..8usize).prop_map(Op::EnterAgain),
        4 => (0..8usize).prop_map(Op::Fire),
        2 => (0..8usize, deadlines()).prop_map(|(scope, to)| Op::Reschedule(scope, to)),
        2 => Just(Op::Request),
        1 => Just(Op::RequestPassedOn),
        1 => Just(Op::ComesBack),
        4 => Just(Op::Deliver),
        1 => Just(Op::Uncancel),
        4 => bodies().prop_map(Op::Exit),
        1 => (0..8usize, bodies()).prop_map(|(scope, body)| Op::ExitAgain(scope, body)),
    ]
}

/// Does them all, looks after each, and leaves what is still open.
fn all(ops: Vec<Op>, look: impl Fn(&mut Pair)) -> Pair {
    let mut pair = Pair::new();
    for op in ops {
        pair.apply(op);
        look(&mut pair);
    }
    while !pair.open.is_empty() {
        pair.apply(Op::Exit(BodyEnd::Cancelled));
        look(&mut pair);
    }
    pair
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_machine_does_what_the_contract_says(ops in prop::collection::vec(ops(), 0..80)) {
        all(ops, |_| ());
    }

    #[test]
    fn expired_implies_cancelled_by_us(ops in prop::collection::vec(ops(), 0..80)) {
        all(ops, |pair| pair.expired_implies_cancelled_by_us());
    }

    #[test]
    fn no_reschedule_after_exit(ops in prop::collection::vec(ops(), 0..80)) {
        all(ops, |pair| pair.no_reschedule_after_exit());
    }

    #[test]
    fn correct_nesting(ops in prop::collection::vec(ops(), 0..80)) {
        let disciplined = ops.into_iter().filter(|op| !matches!(op, Op::Uncancel)).collect();
        let pair = all(disciplined, |_| ());
        prop_assert!(!pair.takes_back_too_much);
        // What is left was asked for from outside.
        let requests = &pair.reference.requests;
        prop_assert!(requests.iter().all(|request| request.by == CancelledBy::Outside));
    }
}

#[test]
fn every_short_sequence_of_operations_does_what_the_contract_says() {
    const ALPHABET: [Op; 10] = [
        Op::Enter(Some(1)),
        Op::Fire(0),
        Op::Fire(1),
        Op::Request,
        Op::RequestPassedOn,
        Op::ComesBack,
        Op::Deliver,
        Op::Uncancel,
        Op::Exit(BodyEnd::Cancelled),
        Op::Exit(BodyEnd::Value),
    ];
    const LENGTH: u32 = 6;
    for number in 0..ALPHABET.len().pow(LENGTH) {
        let mut pair = Pair::new();
        let mut rest = number;
        for _ in 0..LENGTH {
            pair.apply(ALPHABET[rest % ALPHABET.len()]);
            rest /= ALPHABET.len();
        }
        pair.expired_implies_cancelled_by_us();
        pair.no_reschedule_after_exit();
    }
}
