//! Requests, sent again where that can help: a server that is busy, restarts, or cannot be reached for a moment.

use std::time::Duration;

use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;

use crate::connect::all;

/// Attempts for one request.
const ATTEMPTS: u32 = 5;
/// The pause after the first failure; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest pause that a server may ask for.
const LONGEST: Duration = Duration::from_secs(30);

/// Why a request had no answer.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The server refuses it to this user.
    Forbidden,
    /// The server does not know the user.
    Unauthorized,
    /// There is no such resource.
    NotFound,
    /// The place in a list that the request names is no longer kept.
    Expired,
    /// Anything else; what was tried is over.
    Other(String),
}

impl Failure {
    /// What a reader is told.
    pub fn reason(&self) -> String {
        match self {
            Failure::Forbidden => "forbidden".to_owned(),
            Failure::Unauthorized => "the credentials were not accepted".to_owned(),
            Failure::NotFound => "not found".to_owned(),
            Failure::Expired => "the list changed faster than it could be read".to_owned(),
            Failure::Other(reason) => reason.clone(),
        }
    }
}

/// The body of the answer to a GET.
pub(crate) async fn get(client: &Client, path: &str, accept: &str) -> Result<Vec<u8>, Failure> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let (failure, pause) = match once(client, path, accept).await {
            Ok(body) => return Ok(body),
            Err(Attempt::Final(failure)) => return Err(failure),
            Err(Attempt::Again(reason, pause)) => (Failure::Other(reason), pause),
        };
        if attempt == ATTEMPTS {
            return Err(failure);
        }
        // Many clients that failed at once should not come back at once.
        let spread = Duration::from_millis(u64::from(std::process::id() % 97));
        tokio::time::sleep(pause.unwrap_or(PAUSE * 2_u32.pow(attempt - 1)).min(LONGEST) + spread).await;
    }
}

enum Attempt {
    Final(Failure),
    Again(String, Option<Duration>),
}

async fn once(client: &Client, path: &str, accept: &str) -> Result<Vec<u8>, Attempt> {
    let request = Request::get(path).header(header::ACCEPT, accept).body(Body::empty());
    let request = request.map_err(|error| Attempt::Final(Failure::Other(error.to_string())))?;
    let response = client.send(request).await.map_err(|error| Attempt::Again(all(&error), None))?;
    let status = response.status();
    let pause = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let body = response.into_body().collect().await;
    match status {
        StatusCode::OK => match body {
            Ok(body) => Ok(body.to_bytes().to_vec()),
            Err(error) => Err(Attempt::Again(all(&error), None)),
        },
        StatusCode::FORBIDDEN => Err(Attempt::Final(Failure::Forbidden)),
        StatusCode::UNAUTHORIZED => Err(Attempt::Final(Failure::Unauthorized)),
        StatusCode::NOT_FOUND => Err(Attempt::Final(Failure::NotFound)),
        StatusCode::GONE => Err(Attempt::Final(Failure::Expired)),
        status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
            Err(Attempt::Again(format!("the server answered {status}"), pause.map(Duration::from_secs)))
        }
        status => Err(Attempt::Final(Failure::Other(format!("the server answered {status}")))),
    }
}
