//! For tests: rules and manifests as text in, verdicts as lines out.

use std::sync::Arc;

use tacit_lang::check::{Compiler, Role};
use tacit_lang::diag::Level;
use tacit_lang::ir::Program;
use tacit_lang::schema::{KindId, Schemas};

use crate::document::{LoadOptions, SourceText, load_yaml};
use crate::eval::{EvalOptions, Evaluator};
use crate::inventory::{Inventory, Seen};
use crate::object::Object;
use crate::source::objects::{Context, objects};
use crate::time::parse_time;
use crate::verdict::Verdicts;

/// What every rule of a test may use.
const PRELUDE: &str = r#"
group Workload of Pod with pod = spec, meta = metadata
group Workload of Deployment, StatefulSet, DaemonSet, ReplicaSet, Job with pod = spec.template.spec, meta = spec.template.metadata
group Workload of CronJob with pod = spec.jobTemplate.spec.template.spec, meta = spec.jobTemplate.spec.template.metadata
field Workload.containers = pod.containers ++ pod.initContainers ++ pod.ephemeralContainers
link ExternalSecret.spec.secretStoreRef to SecretStore | ClusterSecretStore
link ExternalSecret.spec.data[].sourceRef.storeRef to SecretStore | ClusterSecretStore
link RoleBinding.roleRef to Role | ClusterRole
link ClusterRoleBinding.roleRef to ClusterRole
"#;

/// A rule file held against manifests.
pub struct Case {
    rules: String,
    files: Vec<(String, String)>,
    complete: Vec<String>,
    /// Options of the evaluation.
    pub options: EvalOptions,
    namespace: Option<Arc<str>>,
    /// Keep all objects for the second phase and run it alone for them, to see that both agree.
    streaming: bool,
}

impl Case {
    /// Rules without the vocabulary of `std`, which the kit brings.
    pub fn new(rules: &str) -> Case {
        let now = parse_time("2026-11-24").unwrap_or_default();
        Case {
            rules: rules.into(),
            files: Vec::new(),
            complete: Vec::new(),
            options: EvalOptions::at(now),
            namespace: None,
            streaming: true,
        }
    }

    /// Adds a file of manifests.
    pub fn given(mut self, manifests: &str) -> Case {
        self.files.push((format!("file{}.yaml", self.files.len()), dedent(manifests)));
        self
    }

    /// Adds a file of manifests, or a kustomization, under a name.
    pub fn file(mut self, name: &str, text: &str) -> Case {
        self.files.push((name.into(), text.into()));
        self
    }

    /// States that all objects of some kinds, or of all kinds by `*`, are given.
    pub fn complete(mut self, kinds: &[&str]) -> Case {
        self.complete.extend(kinds.iter().map(|kind| (*kind).to_owned()));
        self
    }

    /// The namespace of manifests that state none.
    pub fn namespace(mut self, name: &str) -> Case {
        self.namespace = Some(name.into());
        self
    }

    /// Compiles; the rules must be right.
    pub fn program(&self) -> (Arc<Program>, Schemas) {
        let mut compiler = Compiler::new(Schemas::builtin());
        compiler.add_module("std/prelude", PRELUDE.into(), Role::Std);
        compiler.add_module("rules", self.rules.as_str().into(), Role::Project);
        let compiled = compiler.compile(&|_| true, true);
        let errors: Vec<String> = compiled
            .diagnostics
            .iter()
            .filter(|(_, found)| found.level == Level::Error)
            .map(|(module, found)| format!("{module}: {:?} {}", found.code, found.message))
            .collect();
        assert!(errors.is_empty(), "the rules of a test do not compile: {errors:#?}");
        (Arc::new(compiled.program), compiler.schemas().clone())
    }

    /// The objects of the manifests.
    pub fn objects(&self, schemas: &Schemas) -> Vec<Object> {
        let mut found = Vec::new();
        for (name, text) in &self.files {
            let kustomization = name.ends_with("kustomization.yaml").then(|| schemas.kinds_named("KustomizeFile")[0]);
            let context =
                Context { default_namespace: self.namespace.clone(), file_kind: kustomization, ..Context::default() };
            let loaded = load_yaml(SourceText::new(name.as_str(), text.as_str()), &LoadOptions::default());
            assert!(loaded.errors.is_empty(), "the manifests of a test do not parse: {:?}", loaded.errors);
            for document in loaded.documents {
                found.extend(objects(&Arc::new(document), schemas, &context, &|_| None));
            }
        }
        found
    }

    /// Evaluates.
    pub fn verdicts(&self) -> Verdicts {
        let (program, schemas) = self.program();
        let evaluator = Evaluator::new(program, schemas.clone(), self.options.clone());
        let objects = self.objects(&schemas);
        let mut out = Verdicts::default();
        for object in &objects {
            evaluator.local(object, &mut out);
        }
        let kept = objects.into_iter().filter(|object| !self.streaming || evaluator.keeps_object(object)).collect();
        let all = self.complete.iter().any(|kind| kind == "*");
        let mut inventory = Inventory::new(kept, Vec::new(), if all { Seen::Complete } else { Seen::Partial });
        for kind in self.complete.iter().flat_map(|kind| schemas.kinds_named(kind)).collect::<Vec<KindId>>() {
            inventory.set_seen(kind, Seen::Complete);
        }
        evaluator.global(&inventory, &mut out);
        out
    }

    /// The verdicts as lines: `deny Pod web spec.containers[0]: message`, `undecided Pod web: reason`, with the line and
    /// column of a finding that is missing something as `@line:column`.
    pub fn lines(&self) -> Vec<String> {
        lines(&self.verdicts())
    }
}

/// Verdicts as lines.
pub fn lines(verdicts: &Verdicts) -> Vec<String> {
    let mut lines: Vec<String> = verdicts
        .findings
        .iter()
        .map(|finding| {
            let place = &finding.place;
            let at = place.source.line_column(place.span.start);
            let mark = if place.missing { format!(" (missing, at {}:{})", at.line, at.column) } else { String::new() };
            let object = &finding.object;
            format!("deny {} {} {}{mark}: {}", object.kind, object.name, place.path.dotted(), finding.message)
        })
        .collect();
    lines.extend(verdicts.undecided.iter().map(|verdict| match &verdict.object {
        Some(object) => format!("undecided {} {}: {}", object.kind, object.name, verdict.reason),
        None => format!("undecided: {}", verdict.reason),
    }));
    lines
}

/// A text without the indentation that its lines share.
fn dedent(text: &str) -> String {
    let text = text.strip_prefix('\n').unwrap_or(text);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let common = text.lines().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    text.lines().map(|line| format!("{}\n", line.get(common..).unwrap_or(""))).collect()
}
