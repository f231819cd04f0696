//! Runs the `test` items of rules.
//!
//! A test passes when each of its expectations matches a verdict of the rule, each verdict is expected, and `clean` stands
//! alone. A test that fails tells how far the rule came.

use std::collections::HashMap;
use std::sync::Arc;

use tacit_lang::ast::{Expect, ExpectAt, ExpectVerdict, PathStep};
use tacit_lang::ir::{Clause, Program, Rule, Test};
use tacit_lang::schema::Schemas;
use tacit_lang::span::Span;

use crate::config::Complete;
use crate::document::{NodePath, SourceText, Step};
use crate::edit::{Mended, Mender, Overlay, mend};
use crate::eval::{EvalOptions, Evaluator};
use crate::run::{Outcome, RunOptions, run};
use crate::source::Input;
use crate::verdict::{ClauseCount, ObjectRef, Place, TraceStep, Verdicts};

/// What came of a test.
#[derive(Debug)]
pub struct Tested {
    /// The test.
    pub test: Arc<Test>,
    /// What did not come as expected; empty where it passed.
    pub failures: Vec<Failure>,
    /// How the rule was evaluated, where the test failed.
    pub trace: Vec<TraceStep>,
    /// How often each clause of the rule was reached.
    pub clauses: Vec<ClauseCount>,
}

impl Tested {
    /// True where everything came as expected.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Something that did not come as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The part of the test in the text of its module.
    pub span: Span,
    /// What happened instead.
    pub message: String,
}

/// Runs tests against a program.
pub struct Tester<'p> {
    program: &'p Program,
    schemas: &'p Schemas,
    /// The program with a single rule, for each rule that was tested.
    single: HashMap<Arc<str>, Arc<Program>>,
    now: i64,
}

impl<'p> Tester<'p> {
    /// A tester; `now` is the instant of tests that state none.
    pub fn new(program: &'p Program, schemas: &'p Schemas, now: i64) -> Self {
        Tester { program, schemas, single: HashMap::new(), now }
    }

    /// Runs a test. One whose rule did not compile fails.
    pub fn run(&mut self, test: &Arc<Test>) -> Tested {
        let mut tested = Tested { test: test.clone(), failures: Vec::new(), trace: Vec::new(), clauses: Vec::new() };
        let Some(program) = self.program_of(&test.rule) else {
            let message = format!("the rule `{}` did not compile", test.rule);
            tested.failures.push(Failure { span: test.ast.rule.span, message });
            return tested;
        };
        let outcome = self.evaluate(&program, test, None, &Overlay::new());
        tested.failures = failures(test, &outcome, self.schemas);
        tested.clauses = outcome.verdicts.rules.first().map(|run| run.clauses.clone()).unwrap_or_default();
        if !tested.passed() {
            let explained = self.evaluate(&program, test, Some(test.rule.clone()), &Overlay::new());
            tested.trace = explained.verdicts.trace;
        }
        tested
    }

    fn program_of(&mut self, rule: &Arc<str>) -> Option<Arc<Program>> {
        if let Some(program) = self.single.get(rule) {
            return Some(program.clone());
        }
        let found = self.program.rules.iter().find(|other| other.id() == rule || other.name == *rule)?;
        let program = Arc::new(Program {
            rules: vec![found.clone()],
            tests: Vec::new(),
            waivers: Vec::new(),
            params: self.program.params.clone(),
            constants: self.program.constants.clone(),
            functions: self.program.functions.clone(),
            groups: self.program.groups.clone(),
            fields: self.program.fields.clone(),
            links: self.program.links.clone(),
            views: self.program.views.clone(),
            relations: self.program.relations.clone(),
        });
        self.single.insert(rule.clone(), program.clone());
        Some(program)
    }

    /// Mends what a test gives by the fixes of its rule, the unsafe ones too; `texts` stand for what the test gives.
    /// Nothing where the rule did not compile.
    pub fn mend(&mut self, test: &Arc<Test>, texts: &Overlay) -> Option<Result<Mended, String>> {
        let program = self.program_of(&test.rule)?;
        let evaluate = |overlay: &Overlay| {
            let both = texts.iter().chain(overlay).map(|(name, text)| (name.clone(), text.clone())).collect();
            Ok(self.evaluate(&program, test, None, &both))
        };
        let wanted = |outcome: &mut Outcome| vec![true; outcome.verdicts.findings.len()];
        Some(mend(&Mender { evaluate: &evaluate, wanted: &wanted, unsafe_too: true }))
    }

    fn evaluate(&self, program: &Arc<Program>, test: &Test, explain: Option<Arc<str>>, overlay: &Overlay) -> Outcome {
        let given = &test.ast.given;
        let mut texts = Vec::new();
        for (at, part) in given.iter().enumerate() {
            let name = match &part.file {
                Some(name) => name.value.to_string(),
                None if at == 0 => "given.yaml".to_owned(),
                None => format!("given-{}.yaml", at + 1),
            };
            texts.push(match overlay.get(&*name) {
                Some(text) => text.clone(),
                None => SourceText::new(name, &*part.text.value),
            });
        }
        let complete = given.iter().any(|part| part.complete.is_some());
        let input = Input::of_texts(texts, self.schemas.clone());
        let options =
            EvalOptions { params: test.with.clone(), explain, ..EvalOptions::at(test.now.unwrap_or(self.now)) };
        let evaluator = Evaluator::new(program.clone(), self.schemas.clone(), options);
        let complete = if complete { Complete::Everything } else { Complete::Nothing };
        let mut outcome = run(&input, &[], &evaluator, &RunOptions { schemas: self.schemas.clone(), complete }, &());
        outcome.sort();
        outcome
    }
}

fn failures(test: &Test, outcome: &Outcome, schemas: &Schemas) -> Vec<Failure> {
    let mut failures = Vec::new();
    let ast = &test.ast;
    // A document that is meant to be broken makes a verdict undecided; the test then says so.
    if !outcome.skipped.is_empty() && !ast.expect.iter().any(|expect| expect.verdict.node == ExpectVerdict::Undecided) {
        for skipped in &outcome.skipped {
            let span = ast.given.first().map_or(ast.rule.span, |given| given.span);
            failures.push(Failure { span, message: format!("{}: {}", skipped.file, skipped.reason) });
        }
    }
    let verdicts = &outcome.verdicts;
    let mut expected = vec![false; verdicts.findings.len() + verdicts.undecided.len()];
    for expect in &ast.expect {
        if expect.verdict.node == ExpectVerdict::Clean {
            if ast.expect.len() > 1 {
                failures.push(Failure {
                    span: expect.span,
                    message: "`clean` cannot stand beside other expectations".into(),
                });
            }
            continue;
        }
        let matches = matching(expect, verdicts, schemas);
        if matches.is_empty() {
            failures.push(Failure { span: expect.span, message: instead(expect, verdicts) });
        }
        for at in matches {
            expected[at] = true;
        }
    }
    for (at, _) in expected.iter().enumerate().filter(|(_, expected)| !**expected) {
        let span = ast.expect.first().map_or(ast.rule.span, |expect| expect.span);
        failures.push(Failure { span, message: format!("not expected: {}", describe(verdicts, at)) });
    }
    failures
}

/// Positions of the verdicts that an expectation matches; those of undecided ones are behind the findings'.
fn matching(expect: &Expect, verdicts: &Verdicts, schemas: &Schemas) -> Vec<usize> {
    let says = |text: &str| expect.message.as_ref().is_none_or(|part| text.contains(&*part.value));
    match expect.verdict.node {
        ExpectVerdict::Clean => Vec::new(),
        ExpectVerdict::Deny => (0..verdicts.findings.len())
            .filter(|&at| {
                let finding = &verdicts.findings[at];
                says(&finding.message)
                    && expect.at.as_ref().is_none_or(|at| is_at(at, &finding.object, Some(&finding.place), schemas))
            })
            .collect(),
        ExpectVerdict::Undecided => (0..verdicts.undecided.len())
            .filter(|&at| {
                let verdict = &verdicts.undecided[at];
                says(&verdict.reason)
                    && expect.at.as_ref().is_none_or(|at| {
                        verdict.object.as_ref().is_some_and(|object| is_at(at, object, verdict.place.as_ref(), schemas))
                    })
            })
            .map(|at| at + verdicts.findings.len())
            .collect(),
    }
}

fn is_at(at: &ExpectAt, object: &ObjectRef, place: Option<&Place>, schemas: &Schemas) -> bool {
    let name = &*at.object.value;
    let named = match name.split_once('/') {
        Some((namespace, name)) => {
            object.namespace.known().is_some_and(|known| **known == *namespace) && *object.name == *name
        }
        None => *object.name == *name,
    };
    // The expectation may use an alias (`KustomizeFile`), the object has the kind's own name.
    let kind = *at.kind.text == *object.kind
        || (object.kind.is_empty() && object.name.is_empty())
        || schemas
            .kind_of_api_version(&object.api_version, &object.kind)
            .is_some_and(|(kind, _)| schemas.kinds_named(&at.kind.text).contains(&kind));
    named && kind && at.path.as_ref().is_none_or(|path| place.is_some_and(|place| is_path(&path.steps, &place.path)))
}

fn is_path(steps: &[(PathStep, Span)], path: &NodePath) -> bool {
    steps.len() == path.steps.len()
        && steps.iter().zip(&path.steps).all(|((expected, _), step)| match (expected, step) {
            (PathStep::Field(name), Step::Key(key)) => **name == **key,
            (PathStep::Index(index), Step::Index(at)) => index == at,
            (PathStep::Each, Step::Index(_)) => true,
            _ => false,
        })
}

/// What happened in the place of an expected verdict.
fn instead(expect: &Expect, verdicts: &Verdicts) -> String {
    let count = verdicts.findings.len() + verdicts.undecided.len();
    let wanted = match expect.verdict.node {
        ExpectVerdict::Undecided => "an undecided verdict",
        _ => "a finding",
    };
    match count {
        0 => format!("expected {wanted}, and the rule is clean"),
        1 => format!("expected {wanted} like this, and got {}", describe(verdicts, 0)),
        _ => {
            let list: Vec<String> = (0..count).map(|at| describe(verdicts, at)).collect();
            format!("expected {wanted} like this, and got\n  {}", list.join("\n  "))
        }
    }
}

/// A verdict in the words of an expectation.
fn describe(verdicts: &Verdicts, at: usize) -> String {
    let (word, text, object, place) = match verdicts.findings.get(at) {
        Some(finding) => ("deny", &finding.message, Some(&finding.object), Some(&finding.place)),
        None => match verdicts.undecided.get(at - verdicts.findings.len()) {
            Some(verdict) => ("undecided", &verdict.reason, verdict.object.as_ref(), verdict.place.as_ref()),
            None => return String::new(),
        },
    };
    let object = object.map(|object| {
        let namespace = object.namespace.known().map(|name| format!("{name}/")).unwrap_or_default();
        format!(" at {} \"{namespace}{}\"", object.kind, object.name)
    });
    let path = place.map(|place| place.path.dotted().to_string()).filter(|path| !path.is_empty());
    format!("{word} {text:?}{}{}", object.unwrap_or_default(), path.map(|path| format!(" {path}")).unwrap_or_default())
}

/// A clause that the tests of its rule leave in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The clause in the text of the rule's module.
    pub span: Span,
    /// What is missing.
    pub what: &'static str,
}

/// Which clauses of a rule its tests leave in doubt; `counts` of all its tests together.
pub fn gaps(rule: &Rule, counts: &[ClauseCount]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for (at, clause) in rule.clauses.iter().enumerate() {
        let count = counts.get(at).copied().unwrap_or_default();
        let (span, decides) = match clause {
            Clause::For { span, .. } => (*span, false),
            Clause::Where { span, .. } => (*span, true),
            Clause::Deny(verdict) | Clause::Require(verdict) | Clause::Undecided(verdict) => {
                (verdict.span, verdict.condition.is_some())
            }
            // These neither hold nor fail.
            Clause::Let { .. } | Clause::FixSet { .. } | Clause::FixRemove { .. } => continue,
        };
        let what = if count.reached == 0 {
            "no test reaches it"
        } else if count.held == 0 && count.undecided == 0 {
            "no test makes it hold"
        } else if decides && count.failed == 0 {
            "no test makes it fail"
        } else {
            continue;
        };
        gaps.push(Gap { span, what });
    }
    gaps
}

/// Adds up what two tests of a rule reached.
pub fn add(sum: &mut Vec<ClauseCount>, counts: &[ClauseCount]) {
    if sum.len() < counts.len() {
        sum.resize(counts.len(), ClauseCount::default());
    }
    for (sum, count) in sum.iter_mut().zip(counts) {
        sum.reached += count.reached;
        sum.held += count.held;
        sum.failed += count.failed;
        sum.undecided += count.undecided;
    }
}
