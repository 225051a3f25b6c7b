//! Holds the dialects against fixtures: what they send, what they read, and what they refuse.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod anthropic;
#[cfg(test)]
mod embeddings;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod openai;
#[cfg(test)]
mod prompt;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod streams;
