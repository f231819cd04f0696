//! The exit status.

use std::process::ExitCode;

/// How a command ended. Of several that apply, the first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Usage, configuration or rule errors, or nothing was evaluated.
    Usage,
    /// Input that could not be read.
    Unread,
    /// Findings, or whatever else a command is there to find.
    Findings,
    /// None of these.
    Clean,
}

impl Status {
    fn code(self) -> u8 {
        match self {
            Status::Usage => 2,
            Status::Unread => 3,
            Status::Findings => 1,
            Status::Clean => 0,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status.code())
    }
}
