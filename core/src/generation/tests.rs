//! Generation as its callers see it: a request in, a checked text out.

mod claims;
mod faults;
mod hostile;
mod json;
mod misbehaving;
mod population;
mod repair;
mod texts;
mod wording;
