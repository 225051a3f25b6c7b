//! Holds the transport against servers on this machine: sound, slow, wrong and hostile ones.

#[cfg(test)]
mod addresses;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod cancel;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod model;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod server;
#[cfg(test)]
mod statuses;
#[cfg(test)]
mod tls;
