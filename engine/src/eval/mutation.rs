//! Seeded faults of the evaluator, to see that its tests notice them. Without the feature `mutations` there are none,
//! and the questions below are constants.

/// A fault that a test can switch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mutation {
    /// `undecided and false` is undecided.
    AndKeepsDoubt,
    /// `a != b` does not hold where one side is missing.
    MissingDiffersFromNothing,
    /// `++` leaves out the right side.
    ConcatDropsRight,
    /// Look-ups leave out elements whose key is not known.
    LookupDropsUnknown,
    /// What is not found dangles, complete or not.
    OpenWorldDangles,
    /// Of two places as deep the last one counts.
    LastReadWins,
    /// No element found is false, complete or not.
    OpenWorldAny,
    /// An undecided `where` is false.
    WhereDropsDoubt,
    /// A missing field points at its parent only.
    GapForgotten,
    /// The reads of elements that did not decide a quantifier count.
    LostElementsRead,
}

impl Mutation {
    /// All of them.
    pub const ALL: [Mutation; 10] = [
        Mutation::AndKeepsDoubt,
        Mutation::MissingDiffersFromNothing,
        Mutation::ConcatDropsRight,
        Mutation::LookupDropsUnknown,
        Mutation::OpenWorldDangles,
        Mutation::LastReadWins,
        Mutation::OpenWorldAny,
        Mutation::WhereDropsDoubt,
        Mutation::GapForgotten,
        Mutation::LostElementsRead,
    ];
}
