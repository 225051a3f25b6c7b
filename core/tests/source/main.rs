//! Reads workbooks and delimited files made on the fly: sound, odd, damaged and hostile ones.

#[cfg(test)]
mod checkpoints;
#[cfg(test)]
mod delimited;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod merged;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod results;
#[cfg(test)]
mod stray_bytes;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod workbook;
