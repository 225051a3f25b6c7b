//! Reads a question about customers: whether it asks for a number, which interactions it means, and what
//! it is about.
//!
//! Only what is written decides: labels that the data has, months, years and a few words such as "how many"
//! and "since". What is not understood stays in the subject, to be looked for; a question for a number that
//! has a word which is not understood is not counted.

pub mod answer;
mod count;
mod label;
mod period;
mod plan;
mod word;

pub use plan::{Counted, Grouping, Plan, Vocabulary, plan};
