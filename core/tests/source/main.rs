//! Reads workbooks and delimited files made on the fly: sound, odd, damaged and hostile ones.

#[cfg(test)]
mod delimited;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod workbook;
