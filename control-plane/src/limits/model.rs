//! The account against a model of its workers: whatever they do, and in whatever order, the limits hold.

use super::*;
use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tianji_proto::Amount;

/// What a worker does with what it was given: the filter's half of the accounting, in its simplest form.
#[derive(Default)]
struct Worker {
    /// Free; tokens and money below zero when answers were larger than thought.
    free: Amount,
    window: u64,
    /// Estimates of requests in flight.
    flying: Vec<Amount>,
    /// Nano-dollars of answers that are not settled.
    unreported: i64,
    received: u64,
}

#[derive(Debug, Clone)]
enum Step {
    Begin { worker: usize, tokens: i64, nanos: i64, lost: bool },
    Finish { worker: usize, tokens: i64, nanos: i64 },
    Settle { worker: usize },
    Recall { worker: usize },
    Vanish { worker: usize },
    Wait { seconds: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let worker = 0..3_usize;
    prop_oneof![
        8 => (worker.clone(), 1..60_i64, 1..400_i64, prop::bool::weighted(0.1))
            .prop_map(|(worker, tokens, nanos, lost)| Step::Begin { worker, tokens, nanos, lost }),
        6 => (worker.clone(), 0..80_i64, 0..600_i64)
            .prop_map(|(worker, tokens, nanos)| Step::Finish { worker, tokens, nanos }),
        3 => worker.clone().prop_map(|worker| Step::Settle { worker }),
        2 => worker.clone().prop_map(|worker| Step::Recall { worker }),
        1 => worker.prop_map(|worker| Step::Vanish { worker }),
        2 => (1..50_i64).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

struct World {
    account: Account,
    limits: Limits,
    now: DateTime<Utc>,
    names: Vec<Arc<str>>,
    workers: Vec<Worker>,
    serial: u64,
    spent: i64,
    /// What answers cost, or may, beyond what was set aside for them.
    overshoot: i64,
    /// Requests begun, by window.
    begun: BTreeMap<u64, i64>,
    /// What the database would hold: the sum of all changes.
    written: BTreeMap<Arc<str>, (i64, i64)>,
}

impl World {
    fn new(limits: Limits) -> Self {
        Self {
            account: Account::new(limits, 0, Window::NONE),
            limits,
            now: DateTime::UNIX_EPOCH + Duration::days(1),
            names: (0..3).map(|n| Arc::from(format!("worker-{n}"))).collect(),
            workers: (0..3).map(|_| Worker::default()).collect(),
            serial: 0,
            spent: 0,
            overshoot: 0,
            begun: BTreeMap::new(),
            written: BTreeMap::new(),
        }
    }

    fn write(&mut self, change: Change) {
        for (worker, nanos, slots) in change.held {
            let row = self.written.entry(worker).or_default();
            row.0 += nanos;
            row.1 += slots;
        }
    }

    fn perform(&mut self, step: &Step) {
        match *step {
            Step::Begin { worker, tokens, nanos, lost } => {
                self.begin(worker, Amount { requests: 1, slots: 1, tokens, nanos }, lost);
            }
            Step::Finish { worker, tokens, nanos } => self.finish(worker, tokens, nanos),
            Step::Settle { worker } => self.settle(worker),
            Step::Recall { worker } => self.recall(worker),
            Step::Vanish { worker } => {
                self.account.release(&self.names[worker]);
                self.written.remove(&self.names[worker]);
                self.workers[worker] = Worker::default();
            }
            Step::Wait { seconds } => self.now += Duration::seconds(seconds),
        }
    }

    fn begin(&mut self, index: usize, estimate: Amount, lost: bool) {
        let name = self.names[index].clone();
        if self.workers[index].window == self.account.window().id
            && self.now >= self.account.window().ends_at()
        {
            self.workers[index].free.requests = 0;
            self.workers[index].free.tokens = 0;
        }
        let mut need = Amount::default();
        for dimension in Dimension::ALL {
            *dimension.of_mut(&mut need) =
                (dimension.of(&estimate) - dimension.of(&self.workers[index].free)).max(0);
        }
        if need != Amount::default() {
            for taken_back in self.account.acknowledge(&name, self.workers[index].received) {
                self.write(taken_back);
            }
            self.serial += 1;
            let ask = Ask {
                worker: &name,
                need,
                workers: 3,
                serial: self.serial,
                is_only: true,
                is_aligned: false,
            };
            let Ok((lease, change)) = self.account.authorize(self.now, ask) else { return };
            self.write(change);
            if lost {
                return;
            }
            let worker = &mut self.workers[index];
            worker.received = self.serial;
            if worker.window != lease.window.id {
                (worker.window, worker.free.requests, worker.free.tokens) = (lease.window.id, 0, 0);
            }
            for dimension in Dimension::ALL {
                *dimension.of_mut(&mut worker.free) += dimension.of(&lease.amount);
            }
            if worker.free.requests < 1 || worker.free.slots < 1 {
                return; // the window has turned: it would ask again
            }
        }
        let worker = &mut self.workers[index];
        let debt = worker.free.nanos.min(0);
        for dimension in Dimension::ALL {
            *dimension.of_mut(&mut worker.free) -= dimension.of(&estimate);
        }
        // It needed more than all that was left.
        self.overshoot += debt - worker.free.nanos.min(0);
        worker.flying.push(estimate);
        *self.begun.entry(worker.window).or_default() += 1;
    }

    fn finish(&mut self, index: usize, tokens: i64, nanos: i64) {
        let worker = &mut self.workers[index];
        let Some(estimate) = worker.flying.pop() else { return };
        worker.free.slots += 1;
        worker.free.tokens += estimate.tokens - tokens;
        worker.free.nanos += estimate.nanos - nanos;
        self.overshoot += (nanos - estimate.nanos).max(0);
        worker.unreported += nanos;
    }

    fn settle(&mut self, index: usize) {
        let cost = std::mem::take(&mut self.workers[index].unreported);
        self.spent += cost;
        self.account.spent(self.spent);
        if self.account.is_holder(&self.names[index]) {
            self.account.settle(&self.names[index], cost);
            self.written.entry(self.names[index].clone()).or_default().0 -= cost;
        }
    }

    fn recall(&mut self, index: usize) {
        let worker = &mut self.workers[index];
        let mut idle = Amount::default();
        for dimension in Dimension::ALL {
            let free = dimension.of_mut(&mut worker.free);
            let given = (*free).max(0);
            *dimension.of_mut(&mut idle) = given;
            *free -= given;
        }
        let change = self.account.give_back(&self.names[index], &idle, worker.window, self.serial);
        self.write(change);
    }

    fn slots_in_flight(&self) -> i64 {
        self.workers.iter().map(|w| i64::try_from(w.flying.len()).unwrap()).sum()
    }

    fn check(&self) {
        let requests = self.limits.requests.unwrap_or(i64::MAX);
        assert!(self.begun.values().all(|begun| *begun <= requests), "requests: {:?}", self.begun);
        assert!(self.account.window().requests <= requests);
        assert!(self.slots_in_flight() <= self.limits.slots.unwrap_or(i64::MAX));
        assert!((0..=self.limits.tokens.unwrap()).contains(&self.account.window().tokens));
        let reserved: i64 = self.written.values().map(|(nanos, _)| (*nanos).max(0)).sum();
        let budget = self.limits.nanos.unwrap();
        assert!(
            self.spent + reserved <= budget + self.overshoot,
            "{} spent, {reserved} reserved, {} over",
            self.spent,
            self.overshoot
        );
    }
}

fn limits() -> impl Strategy<Value = Limits> {
    (1..300_i64, 1..3000_i64, 1..40_i64, 1..20_000_i64).prop_map(|(requests, tokens, slots, nanos)| Limits {
        requests: Some(requests),
        tokens: Some(tokens),
        slots: Some(slots),
        nanos: Some(nanos),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_events_breaks_a_limit(limits in limits(), steps in prop::collection::vec(step(), 1..200)) {
        let mut world = World::new(limits);
        for step in &steps {
            world.perform(step);
            world.check();
        }
    }

    #[test]
    fn nothing_is_lost_once_everything_came_back(
        limits in limits(),
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let mut world = World::new(limits);
        for step in &steps {
            world.perform(step);
        }
        for index in 0..3 {
            while !world.workers[index].flying.is_empty() {
                world.finish(index, 10, 10);
            }
            world.settle(index);
            for taken_back in world.account.acknowledge(&world.names[index], world.workers[index].received) {
                world.write(taken_back);
            }
            world.recall(index);
        }
        for (worker, (nanos, slots)) in &world.written {
            prop_assert_eq!(*slots, 0, "{} keeps slots", worker);
            prop_assert!(*nanos <= 0, "{} keeps {} nano-dollars", worker, nanos);
        }
    }
}
