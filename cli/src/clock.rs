//! `--timings`: where the time of a run goes.

use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where the time goes.
pub struct Clock {
    started: Instant,
    last: Instant,
    laps: Vec<(String, Duration)>,
}

impl Clock {
    /// Begins.
    pub fn new() -> Clock {
        let now = Instant::now();
        Clock { started: now, last: now, laps: Vec::new() }
    }

    /// A phase has ended.
    pub fn lap(&mut self, phase: &str) {
        self.add(phase, self.last.elapsed());
        self.restart();
    }

    /// A phase that was timed elsewhere.
    pub fn add(&mut self, phase: &str, time: Duration) {
        self.laps.push((phase.to_owned(), time));
    }

    /// The next phase begins now.
    pub fn restart(&mut self) {
        self.last = Instant::now();
    }

    /// Tells on the standard error what took how long.
    pub fn tell(&self, rules: &[(Arc<str>, Duration)]) {
        for (phase, time) in &self.laps {
            eprintln!("{:>10.2} ms  {phase}", time.as_secs_f64() * 1e3);
        }
        eprintln!("{:>10.2} ms  in all", self.started.elapsed().as_secs_f64() * 1e3);
        let mut slowest: Vec<_> = rules.iter().filter(|(_, time)| !time.is_zero()).collect();
        slowest.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        for (rule, time) in slowest {
            eprintln!("{:>10.2} ms  {rule}", time.as_secs_f64() * 1e3);
        }
    }
}
