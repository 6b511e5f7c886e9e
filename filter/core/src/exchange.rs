//! One exchange, as ingress and its attempts know it together: who asks for what, where it goes, what it used.

use crate::{
    call::Call, client, deployment::Deployment, error::Error, grants::Demand, grants::Ticket, grants::nanos,
    operation::Operation, translate::Outgoing, usage::Usage,
};
use std::{
    cell::{Ref, RefCell},
    rc::Rc,
};
use tianji_proto::{Grant, Record, Tokens};

/// Shared by the two filters of an exchange; lives until ingress has logged it.
#[derive(Default)]
pub struct Exchange(RefCell<State>);

#[derive(Default)]
struct State {
    call_id: String,
    started_at: i64,
    grant: Rc<Grant>,
    call: Option<Rc<Call>>,
    ticket: Option<Ticket>,
    plan: Vec<Rc<Deployment>>,
    prepared: Option<Outgoing>,
    attempts: usize,
    status: u16,
    failure: Option<Error>,
    usage: Usage,
    first_token_at: i64,
    phase: Phase,
}

/// How far the answer has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    /// Nothing has gone to the client that cannot be taken back.
    #[default]
    Open,
    /// A whole answer, or a failure that will not be tried again, is on its way.
    Answered,
    /// A streamed answer is on its way and not yet at its end.
    Streaming,
    /// The streamed answer is complete, or was broken off with an error event.
    Ended,
}

/// One try at one deployment.
pub struct Attempt {
    /// The client's call.
    pub call: Rc<Call>,
    /// Where this attempt goes.
    pub deployment: Rc<Deployment>,
    /// What ingress has translated already, for the first attempt.
    pub prepared: Option<Outgoing>,
    /// Where Envoy goes if it tries again.
    pub next_cluster: String,
    /// A deployment is left that has not been tried.
    pub more: bool,
    /// Counted from 1.
    pub number: usize,
}

/// How an exchange came to its end, seen from Envoy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The answer was sent to its end.
    Complete,
    /// The client left before that.
    Disconnected,
    /// The upstream, a timeout or Envoy itself cut it off.
    Cut,
}

impl Exchange {
    /// A request has come at `now` (Unix milliseconds).
    pub fn new(call_id: String, now: i64) -> Self {
        Self(RefCell::new(State { call_id, started_at: now, ..State::default() }))
    }

    /// Its id: in the answer's headers, in logs, in the ledger.
    pub fn call_id(&self) -> Ref<'_, str> {
        Ref::map(self.0.borrow(), |state| state.call_id.as_str())
    }

    /// When its request came, in Unix milliseconds.
    pub fn started_at(&self) -> i64 {
        self.0.borrow().started_at
    }

    /// The caller is known.
    pub fn identify(&self, grant: Rc<Grant>) {
        self.0.borrow_mut().grant = grant;
    }

    /// The caller; empty before it is known.
    pub fn grant(&self) -> Rc<Grant> {
        self.0.borrow().grant.clone()
    }

    /// Its share of the caller's limits.
    pub fn hold(&self, ticket: Ticket) {
        self.0.borrow_mut().ticket = Some(ticket);
    }

    /// Lets go of its share.
    pub fn give_up(&self) -> Option<Ticket> {
        self.0.borrow_mut().ticket.take()
    }

    /// It is admitted and will be tried at these deployments.
    pub fn begin(&self, call: Rc<Call>, plan: Vec<Rc<Deployment>>) {
        let mut state = self.0.borrow_mut();
        state.call = Some(call);
        state.plan = plan;
    }

    /// The first attempt's request, translated before it is known to be on its way: its faults are the client's.
    pub fn prepare(&self, outgoing: Outgoing) {
        self.0.borrow_mut().prepared = Some(outgoing);
    }

    /// What the call names was fetched, for this attempt and those after it.
    pub fn replace(&self, call: Rc<Call>) {
        self.0.borrow_mut().call = Some(call);
    }

    /// How often Envoy may try again: every other candidate once, and one more time where a connection breaks.
    pub fn retries(&self) -> usize {
        self.0.borrow().plan.len().max(2) - 1
    }

    /// The next attempt; `None` before `begin`.
    pub fn attempt(&self) -> Option<Attempt> {
        let mut state = self.0.borrow_mut();
        let call = state.call.clone()?;
        let index = state.attempts;
        state.attempts += 1;
        state.status = 0;
        state.phase = Phase::Open;
        state.usage = Usage::default();
        state.failure = None;
        let at = |index: usize| state.plan.get(index % state.plan.len().max(1)).cloned();
        let (deployment, next) = (at(index)?, at(index + 1)?);
        let more = index + 1 < state.plan.len();
        let prepared = state.prepared.take();
        Some(Attempt {
            call,
            deployment,
            prepared,
            next_cluster: next.cluster.clone(),
            more,
            number: index + 1,
        })
    }

    /// The deployment of the attempt under way, or of the last one.
    pub fn deployment(&self) -> Option<Rc<Deployment>> {
        self.0.borrow().current()
    }

    /// Attempts so far.
    pub fn attempts(&self) -> usize {
        self.0.borrow().attempts
    }

    /// The answer is on its way to the client and will not be replaced by another attempt's.
    pub fn answered(&self, status: u16) {
        let mut state = self.0.borrow_mut();
        state.status = status;
        state.phase = Phase::Answered;
    }

    /// Whether the answer is on its way.
    pub fn is_answered(&self) -> bool {
        self.0.borrow().phase != Phase::Open
    }

    /// A streamed answer has begun.
    pub fn streaming(&self) {
        let mut state = self.0.borrow_mut();
        state.status = 200;
        state.phase = Phase::Streaming;
    }

    /// Whether a streamed answer has begun and not yet come to its end.
    pub fn is_streaming(&self) -> bool {
        self.0.borrow().phase == Phase::Streaming
    }

    /// A streamed answer is complete.
    pub fn ended(&self) {
        self.0.borrow_mut().phase = Phase::Ended;
    }

    /// The upstream is gone in mid-stream: the event that tells the client so, once.
    pub fn break_off(&self) -> Option<Vec<u8>> {
        let mut state = self.0.borrow_mut();
        if state.phase != Phase::Streaming {
            return None;
        }
        let (call, deployment) = (state.call.clone()?, state.current()?);
        let error = Error::truncated(deployment.provider().facts());
        state.phase = Phase::Ended;
        state.failure = Some(error.clone());
        // Sound has no place for words: its end is cut.
        if call.operation == Operation::Speech {
            state.phase = Phase::Streaming;
            return None;
        }
        Some(client::gemini::last_words(&error, &call))
    }

    /// What has been used so far.
    pub fn used(&self, usage: Usage) {
        self.0.borrow_mut().usage = usage;
    }

    /// The first event of a stream has come.
    pub fn first_token(&self, now: i64) {
        self.0.borrow_mut().first_token_at = now;
    }

    /// It failed, whole or in mid-stream.
    pub fn failed(&self, error: &Error) {
        self.0.borrow_mut().failure = Some(error.clone());
    }

    /// What the last attempt failed with.
    pub fn failure(&self) -> Option<Error> {
        self.0.borrow().failure.clone()
    }

    /// It is over. What is to be settled, and its record if it was tried at a provider. Gives them once.
    pub fn finish(&self, worker: &str, end: End, now: i64) -> Finished {
        let mut state = self.0.borrow_mut();
        let ticket = state.ticket.take();
        let Some(call) = state.call.take() else { return Finished { ticket, ..Finished::default() } };
        let last =
            state.attempts.checked_sub(1).and_then(|n| state.plan.get(n % state.plan.len().max(1)).cloned());
        let Some(deployment) = last else { return Finished { ticket, ..Finished::default() } };
        let cost = deployment.cost(&state.usage);
        let used = Demand { tokens: signed(state.usage.total()), nanos: nanos(cost) };
        let record = state.record(&call, &deployment, worker, end, cost, now);
        Finished { ticket, used, record: Some(record) }
    }
}

/// What is left to do when an exchange is over.
#[derive(Default)]
pub struct Finished {
    /// To be settled with `used`, or refunded when there is no record.
    pub ticket: Option<Ticket>,
    /// What it used.
    pub used: Demand,
    /// Its row of the ledger.
    pub record: Option<Record>,
}

impl State {
    /// The deployment of the attempt under way, or of the last one.
    fn current(&self) -> Option<Rc<Deployment>> {
        self.plan.get(self.attempts.checked_sub(1)? % self.plan.len().max(1)).cloned()
    }

    fn record(
        &self,
        call: &Call,
        deployment: &Deployment,
        worker: &str,
        end: End,
        cost: f64,
        now: i64,
    ) -> Record {
        let disconnected = end == End::Disconnected;
        let status = match self.status {
            0 if disconnected => 499,
            0 => 500,
            status => status,
        };
        let error = match &self.failure {
            Some(failure) => failure.kind.as_str(),
            None if end == End::Cut => "stream_interrupted",
            None => "",
        };
        Record {
            call_id: self.call_id.clone(),
            worker: worker.into(),
            started_at: self.started_at,
            key_hash: hex(&self.grant.key_hash),
            key_alias: self.grant.key_alias.clone(),
            user_id: self.grant.user_id.clone(),
            team_id: self.grant.team_id.clone(),
            organization_id: self.grant.organization_id.clone(),
            tags: self.grant.tags.clone(),
            end_user: call.end_user.clone(),
            model_group: call.model.clone(),
            model: deployment.model.clone(),
            deployment_id: deployment.id.clone(),
            provider: deployment.provider.clone(),
            operation: call.operation.name().into(),
            stream: call.stream,
            status: status.into(),
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            disconnected,
            error: error.into(),
            tokens: Some(tokens(&self.usage)),
            cost,
            latency_ms: now - self.started_at,
            first_token_ms: if self.first_token_at > 0 { self.first_token_at - self.started_at } else { 0 },
        }
    }
}

fn tokens(usage: &Usage) -> Tokens {
    Tokens {
        prompt: signed(usage.prompt),
        completion: signed(usage.completion),
        cached: signed(usage.cached),
        cache_creation: signed(usage.cache_creation),
        cache_creation_1h: signed(usage.cache_creation_1h),
        reasoning: signed(usage.reasoning),
        audio_prompt: signed(usage.audio_prompt),
        audio_completion: signed(usage.audio_completion),
        estimated: usage.estimated,
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).filter_map(|n| char::from_digit(n.into(), 16)).collect()
}
