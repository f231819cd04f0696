//! The evaluator against a second statement of the language's meaning: random rules on random manifests must give the same
//! verdicts at the same places, and each fault that is put into the evaluator must show.

mod input;
mod naive;
mod program;
mod random;

use std::sync::Arc;

use random::Random;
use tacit_engine::document::{LoadOptions, SourceText, load_yaml};
use tacit_engine::eval::{EvalOptions, Evaluator, Mutation};
use tacit_engine::inventory::{Inventory, Seen};
use tacit_engine::object::Object;
use tacit_engine::source::objects::{Context, objects};
use tacit_engine::verdict::Verdicts;
use tacit_lang::ast::File;
use tacit_lang::check::{Compiler, Role};
use tacit_lang::diag::Level;
use tacit_lang::ir::Program;
use tacit_lang::schema::Schemas;

use naive::{Verdict, World, parts};

/// Pairs of a program and an input, unless `PAIRS` says how many.
const PAIRS: u64 = 4_000;

fn pairs() -> u64 {
    std::env::var("PAIRS").ok().and_then(|pairs| pairs.parse().ok()).unwrap_or(PAIRS)
}

/// Kinds of which the input may be declared complete.
const KINDS: &[&str] = &[
    "Pod",
    "ConfigMap",
    "Secret",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ExternalSecret",
    "SecretStore",
    "ClusterSecretStore",
];

/// A program and an input for it.
struct Pair {
    text: String,
    file: File,
    program: Arc<Program>,
    schemas: Schemas,
    objects: Vec<Object>,
    complete: Vec<&'static str>,
    manifests: String,
}

/// The pair of a seed; nothing where its program does not compile.
fn pair(seed: u64) -> Option<Pair> {
    let mut random = Random::new(seed);
    let text = program::program(&mut random);
    let manifests = input::manifests(&mut random, &text);
    let complete = KINDS.iter().copied().filter(|_| random.once_in(2)).collect();
    let schemas = Schemas::builtin();
    let mut compiler = Compiler::new(schemas.clone());
    compiler.add_module("rules", text.as_str().into(), Role::Project);
    let compiled = compiler.compile(&|_| true, false);
    if compiled.diagnostics.iter().any(|(_, found)| found.level == Level::Error) {
        return None;
    }
    let (file, _) = tacit_lang::parse::parse(&text);
    let loaded = load_yaml(SourceText::new("input.yaml", manifests.as_str()), &LoadOptions::default());
    assert!(loaded.errors.is_empty(), "seed {seed}: {:?}\n{manifests}", loaded.errors);
    let context = Context::default();
    let objects =
        loaded.documents.into_iter().flat_map(|document| objects(&Arc::new(document), &schemas, &context, &|_| None));
    let objects = objects.collect();
    Some(Pair { text, file, program: Arc::new(compiled.program), schemas, objects, complete, manifests })
}

fn expected(pair: &Pair) -> Vec<Verdict> {
    let (rules, links) = parts(&pair.file);
    let world = World { objects: &pair.objects, schemas: &pair.schemas, complete: &pair.complete, links };
    naive::run(&world, rules[0])
}

fn found(pair: &Pair, mutation: Option<Mutation>) -> Vec<Verdict> {
    let options = EvalOptions { mutation, ..EvalOptions::at(0) };
    let evaluator = Evaluator::new(pair.program.clone(), pair.schemas.clone(), options);
    let mut verdicts = Verdicts::default();
    for object in &pair.objects {
        evaluator.local(object, &mut verdicts);
    }
    let kept = pair.objects.iter().filter(|object| evaluator.keeps_object(object)).cloned().collect();
    let mut inventory = Inventory::new(kept, Vec::new(), Seen::Partial);
    for kind in pair.complete.iter().flat_map(|kind| pair.schemas.kinds_named(kind)) {
        inventory.set_seen(kind, Seen::Complete);
    }
    evaluator.global(&inventory, &mut verdicts);
    let number =
        |offset: u32| pair.objects.iter().position(|object| object.node().span().start == offset).unwrap_or(usize::MAX);
    let findings = verdicts.findings.iter().map(|finding| Verdict::Deny {
        object: number(finding.object.offset),
        path: finding.place.path.dotted().to_string(),
        missing: finding.place.missing,
        message: finding.message.clone(),
    });
    let open = verdicts.undecided.iter().map(|verdict| Verdict::Undecided {
        object: verdict.object.as_ref().map_or(usize::MAX, |object| number(object.offset)),
    });
    let mut all: Vec<Verdict> = findings.chain(open).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn the_evaluator_agrees_with_the_plain_reading_of_rules() {
    let (mut compiled, mut findings, mut open) = (0, 0, 0);
    for seed in 0..pairs() {
        let Some(pair) = pair(seed) else { continue };
        compiled += 1;
        let expected = expected(&pair);
        findings += expected.iter().filter(|verdict| matches!(verdict, Verdict::Deny { .. })).count();
        open += expected.iter().filter(|verdict| matches!(verdict, Verdict::Undecided { .. })).count();
        let found = found(&pair, None);
        let only = |these: &[Verdict], those: &[Verdict]| -> Vec<Verdict> {
            these.iter().filter(|verdict| !those.contains(verdict)).cloned().collect()
        };
        assert!(
            expected == found,
            "seed {seed}\n{}\n{}\ncomplete: {:?}\nonly the plain reading: {:#?}\nonly the evaluator: {:#?}",
            pair.text,
            pair.manifests,
            pair.complete,
            only(&expected, &found),
            only(&found, &expected)
        );
    }
    // The comparison says something only where programs compile and verdicts differ.
    println!("{compiled} of {} programs compiled; {findings} findings, {open} undecided", pairs());
    assert!(compiled * 10 >= pairs() * 9, "{compiled} programs compiled");
    assert!(findings > pairs() as usize && open > pairs() as usize / 2, "{findings} findings, {open} undecided");
}

#[test]
fn every_seeded_fault_shows() {
    let mut left: Vec<Mutation> = Mutation::ALL.to_vec();
    for seed in 0..PAIRS {
        if left.is_empty() {
            break;
        }
        let Some(pair) = pair(seed) else { continue };
        let expected = expected(&pair);
        left.retain(|&mutation| found(&pair, Some(mutation)) == expected);
    }
    assert!(left.is_empty(), "these faults do not show: {left:?}");
}
