//! Writes the sample workbook, its CSV twins and the list of what is wrong in them.
//!
//! The rows are literals in [`customers`], [`interactions`] and [`products`]; nothing is random
//! and no clock is read, so every run writes the same bytes. The folder is this crate's own, or
//! the first argument.

mod customers;
mod delimited;
mod interactions;
mod listing;
mod products;
mod sheet;
mod workbook;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sheet::Sheet;

fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    for (name, content) in files()? {
        write(&folder.join(name), &content)?;
    }
    Ok(())
}

/// Renders every file of the sample, as its name in the folder and its content.
fn files() -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let sheets = sheets();
    let mut files = vec![
        ("interactions.xlsx".to_owned(), workbook::render(&sheets)?),
        (
            "README.md".to_owned(),
            listing::render(&sheets).into_bytes(),
        ),
    ];
    for sheet in &sheets {
        files.push((
            format!("csv/{}.csv", sheet.file_stem),
            delimited::render(sheet)?,
        ));
    }
    Ok(files)
}

fn sheets() -> [Sheet; 3] {
    [customers::sheet(), interactions::sheet(), products::sheet()]
}

fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)
            .with_context(|| format!("creating {}", parent.display()))?;
    }
    std::fs::write(path, content).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_give_the_same_bytes() {
        assert_eq!(files().unwrap(), files().unwrap());
    }

    #[test]
    fn the_committed_files_are_the_rendered_ones() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (name, content) in files().unwrap() {
            let committed = std::fs::read(folder.join(&name)).unwrap();
            assert!(
                committed == content,
                "{name} is out of date: `cargo run -p rapport-samples`"
            );
        }
    }

    #[test]
    fn the_sample_is_as_large_as_promised() {
        let [customers, interactions, products] = sheets();
        assert!(customers.rows.len() >= 14);
        assert!(interactions.rows.len() >= 60);
        assert!(products.rows.len() >= 22);
    }
}
