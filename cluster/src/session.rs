//! A run over clusters: all at once, each for itself.

use std::sync::{Arc, Mutex};

use futures::future::join_all;
use futures::stream::{self, StreamExt};
use kube::Client;
use tacit_engine::eval::Evaluator;
use tacit_engine::inventory::{Inventory, Seen};
use tacit_engine::live::{Lack, Listed, LiveRun, Missing, Page};
use tacit_engine::run::Outcome;
use tacit_lang::schema::Schemas;
use tokio::runtime::Runtime;

use crate::connect::{Options, clients};
use crate::discovery::{Resource, Served, discover};
use crate::history::History;
use crate::http::Failure;
use crate::list::List;
use crate::metrics::{self, Sample};
use crate::needs::{Need, Needs, is_secret};
use crate::object::Past;
use crate::openapi;

/// Lists that are under way at once, for one cluster.
const LISTS: usize = 4;

/// The clusters of a run.
pub struct Session {
    runtime: Runtime,
    clusters: Vec<Cluster>,
}

/// One of them.
pub struct Cluster {
    /// The name of its context.
    pub name: Arc<str>,
    /// What it serves, or why that is not known.
    pub served: Result<Served, String>,
    client: Option<Client>,
}

impl Session {
    /// Finds the clusters and asks each what it serves.
    pub fn open(options: &Options) -> Result<Session, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("no connection can be made: {error}"))?;
        let clusters = runtime.block_on(async {
            let clients = clients(options).await?;
            Ok::<_, String>(join_all(clients.into_iter().map(|(name, client)| Cluster::open(name, client))).await)
        })?;
        Ok(Session { runtime, clusters })
    }

    /// The clusters, in the order in which they were named.
    pub fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }

    /// Adds the custom kinds that the clusters serve and whose names are wanted, and tells what could not be learnt.
    pub fn learn(&self, schemas: &mut Schemas, wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        self.runtime.block_on(async {
            let mut problems = Vec::new();
            for cluster in &self.clusters {
                if let (Some(client), Ok(served)) = (&cluster.client, &cluster.served) {
                    let of_cluster = openapi::learn(client, served, wanted, schemas).await;
                    problems.extend(of_cluster.into_iter().map(|problem| format!("{}: {problem}", cluster.name)));
                }
            }
            problems
        })
    }

    /// Lists what is needed from every cluster and evaluates it. With `namespaces`, objects of those alone. With a
    /// `history`, what earlier runs saw of Secrets counts, and what this one sees is noted.
    pub fn audit(
        &self,
        evaluator: &Arc<Evaluator>,
        schemas: &Schemas,
        needs: &Needs,
        namespaces: &[String],
        history: Option<&Arc<Mutex<History>>>,
    ) -> Vec<Outcome> {
        self.runtime.block_on(join_all(self.clusters.iter().map(|cluster| {
            let run = Arc::new(LiveRun::new(evaluator.clone(), schemas.clone(), cluster.name.clone()));
            let now = evaluator.options().now;
            let past = |history: &Arc<Mutex<History>>| {
                Arc::new(Past { history: history.clone(), cluster: cluster.name.clone(), now })
            };
            let job = Job { cluster, run, schemas, namespaces, past: history.map(past) };
            async move {
                let Gathered { pages, listed, missing } = job.gather(needs).await;
                job.run.finish(pages, listed, missing)
            }
        })))
    }

    /// The objects of these kinds, and what could not be listed, for each cluster.
    pub fn inventories(
        &self,
        schemas: &Schemas,
        needs: &Needs,
        namespaces: &[String],
    ) -> Vec<(Arc<str>, Inventory, Vec<Missing>)> {
        self.runtime.block_on(join_all(self.clusters.iter().map(|cluster| {
            let run = Arc::new(LiveRun::collecting(schemas.clone(), cluster.name.clone()));
            let job = Job { cluster, run, schemas, namespaces, past: None };
            async move {
                let Gathered { pages, listed, missing } = job.gather(needs).await;
                (cluster.name.clone(), job.run.inventory(pages, listed), missing)
            }
        })))
    }
}

impl Cluster {
    async fn open(name: String, client: Result<Client, String>) -> Cluster {
        let (client, served) = match client {
            Err(reason) => (None, Err(reason)),
            Ok(client) => {
                let served = discover(&client).await.map_err(|failure| failure.reason());
                (Some(client), served)
            }
        };
        Cluster { name: name.into(), served, client }
    }
}

/// What came of the lists of one kind.
struct OfKind {
    need: Need,
    pages: Vec<Page>,
    seen: Seen,
    missing: Vec<Missing>,
}

/// What a cluster gave.
struct Gathered {
    pages: Vec<Page>,
    listed: Vec<Listed>,
    missing: Vec<Missing>,
}

struct Job<'j> {
    cluster: &'j Cluster,
    run: Arc<LiveRun>,
    schemas: &'j Schemas,
    namespaces: &'j [String],
    past: Option<Arc<Past>>,
}

impl Job<'_> {
    async fn gather(&self, needs: &Needs) -> Gathered {
        let (client, served) = match (&self.cluster.client, &self.cluster.served) {
            (Some(client), Ok(served)) => (client, served),
            (_, served) => {
                let why = served.as_ref().err().cloned().unwrap_or_default();
                let reason = format!("the cluster could not be reached: {why}");
                let missing = Missing { what: Lack::Cluster, reason, need: String::new() };
                return Gathered { pages: Vec::new(), listed: Vec::new(), missing: vec![missing] };
            }
        };
        let mut missing = Vec::new();
        let before = if needs.metrics { self.sample(client, &mut missing).await } else { None };
        let lists = needs.kinds.iter().map(|need| self.kind(client, served, *need));
        let kinds: Vec<OfKind> = stream::iter(lists).buffered(LISTS).collect().await;
        let (mut pages, mut listed) = (Vec::new(), Vec::new());
        let mut secrets = 0;
        for of_kind in kinds {
            if is_secret(self.schemas, of_kind.need.kind) {
                secrets += of_kind.pages.iter().map(Page::objects).sum::<usize>();
            }
            pages.extend(of_kind.pages);
            listed.push(Listed { kind: of_kind.need.kind, seen: of_kind.seen });
            missing.extend(of_kind.missing);
        }
        if let Some(before) = before {
            // What was written meanwhile tells how new writes are stored.
            let after = self.sample(client, &mut Vec::new()).await;
            pages.push(self.run.page(vec![metrics::evidence(&before, after.as_ref(), secrets)]));
        }
        Gathered { pages, listed, missing }
    }

    async fn sample(&self, client: &Client, missing: &mut Vec<Missing>) -> Option<Sample> {
        match metrics::sample(client).await {
            Ok(sample) => Some(sample),
            Err(failure) => {
                missing.push(Missing {
                    what: Lack::Metrics,
                    reason: format!("the metrics of the API server were not read: {}", failure.reason()),
                    need: "the right to get the nonResourceURL /metrics (ClusterRole system:monitoring has it)"
                        .to_owned(),
                });
                None
            }
        }
    }

    async fn kind(&self, client: &Client, served: &Served, need: Need) -> OfKind {
        let mut of_kind = OfKind { need, pages: Vec::new(), seen: Seen::Complete, missing: Vec::new() };
        let Some(resource) = served.resource(self.schemas, need.kind) else {
            if served.is_stale(self.schemas, need.kind) {
                let group = &self.schemas.kind(need.kind).group;
                of_kind.lacks(format!("the server of the API group {group} does not answer"), String::new());
            }
            return of_kind;
        };
        let asked: Vec<Option<&str>> = match self.namespaces {
            [] => vec![None],
            _ if !resource.namespaced => vec![None],
            names => names.iter().map(|name| Some(name.as_str())).collect(),
        };
        if resource.namespaced && !self.namespaces.is_empty() {
            of_kind.seen = Seen::Open {
                why: format!("only namespace {} was asked for", self.namespaces.join(", ")).into(),
                need: "a run without `--namespace`".into(),
            };
        }
        for namespace in asked {
            let secret = is_secret(self.schemas, need.kind);
            let history = self.past.clone();
            let list = List { client, run: &self.run, resource, namespace, depth: need.depth, secret, history };
            match list.pages().await {
                Ok(pages) => of_kind.pages.extend(pages),
                Err(failure) => of_kind.failed(resource, namespace, &failure),
            }
        }
        of_kind
    }
}

impl OfKind {
    fn failed(&mut self, resource: &Resource, namespace: Option<&str>, failure: &Failure) {
        let of = match (namespace, resource.namespaced) {
            (Some(name), true) => format!(" in namespace {name}"),
            (None, true) => " in all namespaces".to_owned(),
            (_, false) => String::new(),
        };
        let name = resource.full_name();
        let need = match failure {
            Failure::Forbidden => {
                format!("the right to list {name}{of}")
            }
            _ => String::new(),
        };
        self.lacks(format!("{name} could not be listed{of}: {}", failure.reason()), need);
    }

    /// Several namespaces can each lack something: a verdict that hangs on the kind names the first, the report all.
    fn lacks(&mut self, reason: String, need: String) {
        if self.missing.is_empty() {
            self.seen = Seen::Open { why: reason.as_str().into(), need: need.as_str().into() };
        }
        self.missing.push(Missing { what: Lack::Kind(self.need.kind), reason, need });
    }
}
