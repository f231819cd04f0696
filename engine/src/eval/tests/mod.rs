//! What rules mean, by example.

mod joins;
mod locations;
mod policies;
mod undecided;
mod values;
