//! From kubeconfigs, or the account of the pod that this runs in, to clients.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

/// Whom to ask, and as whom.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The kubeconfig; without one, those of `KUBECONFIG` or `~/.kube/config`, or else the account of the pod.
    pub kubeconfig: Option<PathBuf>,
    /// Contexts; without any, the current one.
    pub contexts: Vec<String>,
    /// Every context of the kubeconfig.
    pub all_contexts: bool,
    /// Another user to act as.
    pub as_user: Option<String>,
    /// Groups of that user.
    pub as_groups: Vec<String>,
}

/// The name that the cluster around this program goes by.
const IN_CLUSTER: &str = "in-cluster";

const CONNECT: Duration = Duration::from_secs(10);
/// Between two parts of an answer.
const READ: Duration = Duration::from_secs(60);

/// The clusters by the names of their contexts, each with a client or with what keeps it from having one.
pub(crate) async fn clients(options: &Options) -> Result<Vec<(String, Result<Client, String>)>, String> {
    let kubeconfig = match &options.kubeconfig {
        Some(file) => {
            Some(Kubeconfig::read_from(file).map_err(|error| format!("{}: {}", file.display(), all(&error)))?)
        }
        None => match Kubeconfig::read() {
            Ok(kubeconfig) => Some(kubeconfig),
            Err(error) if options.contexts.is_empty() && !options.all_contexts => {
                let config = Config::incluster().map_err(|_| {
                    format!(
                        "there is no kubeconfig ({}), and this is no pod of a cluster: give --kubeconfig",
                        all(&error)
                    )
                })?;
                return Ok(vec![(IN_CLUSTER.to_owned(), client(config, options))]);
            }
            Err(error) => return Err(format!("the kubeconfig could not be read: {}", all(&error))),
        },
    };
    let kubeconfig = kubeconfig.unwrap_or_default();
    let known: Vec<&str> = kubeconfig.contexts.iter().map(|context| context.name.as_str()).collect();
    let mut names: Vec<String> = match (options.all_contexts, options.contexts.is_empty()) {
        (true, _) => known.iter().map(|name| (*name).to_owned()).collect(),
        (false, false) => options.contexts.clone(),
        (false, true) => kubeconfig.current_context.clone().filter(|name| !name.is_empty()).into_iter().collect(),
    };
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    if names.is_empty() {
        return Err("the kubeconfig has no current context: give --context or --all-contexts".to_owned());
    }
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("the kubeconfig has no context `{unknown}`; it has {}", known.join(", ")));
    }
    let mut clients = Vec::new();
    for name in names {
        let context = KubeConfigOptions { context: Some(name.clone()), ..KubeConfigOptions::default() };
        let config = Config::from_custom_kubeconfig(kubeconfig.clone(), &context).await;
        let found = config.map_err(|error| all(&error)).and_then(|config| client(config, options));
        clients.push((name, found));
    }
    Ok(clients)
}

fn client(mut config: Config, options: &Options) -> Result<Client, String> {
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = Some(READ);
    // Requests are sent again here, where it is known what became of the page before.
    config.default_retry = false;
    if let Some(user) = &options.as_user {
        config.auth_info.impersonate = Some(user.clone());
    }
    if !options.as_groups.is_empty() {
        config.auth_info.impersonate_groups = Some(options.as_groups.clone());
    }
    Client::try_from(config).map_err(|error| all(&error))
}

/// An error with what caused it, on one line. Errors of connections and kubeconfigs hold no credentials.
pub(crate) fn all(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text.replace('\n', " ")
}
