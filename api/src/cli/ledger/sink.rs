//! Where a ledger is written to: a file, or the standard output.

use std::{
    fs::File,
    io::{BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

use crate::error::Error;

/// A place to write to.
pub(super) struct Sink {
    writer: BufWriter<Box<dyn Write + Send>>,
    /// The file, when it is one.
    path: Option<PathBuf>,
}

impl Sink {
    /// Opens a file, or the standard output.
    ///
    /// # Errors
    /// [`Error::Input`] when the file cannot be written.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Error> {
        let writer: Box<dyn Write + Send> = match path {
            Some(path) => Box::new(File::create(path).map_err(|error| unwritable(path, &error))?),
            None => Box::new(std::io::stdout()),
        };
        Ok(Self {
            writer: BufWriter::new(writer),
            path: path.map(Path::to_owned),
        })
    }

    /// Writes pieces one after the other; `false` when nobody reads any more.
    pub(super) fn write(&mut self, pieces: &[&[u8]]) -> Result<bool, Error> {
        for piece in pieces {
            if let Err(error) = self.writer.write_all(piece) {
                return self.failed(&error).map(|()| false);
            }
        }
        Ok(true)
    }

    /// Writes what is still in memory. After a failure no half a file is left behind.
    pub(super) fn close(mut self, written: Result<(), Error>) -> Result<(), Error> {
        let flushed = match written {
            Ok(()) => match self.writer.flush() {
                Ok(()) => Ok(()),
                Err(error) => self.failed(&error),
            },
            Err(error) => Err(error),
        };
        if flushed.is_err()
            && let Some(path) = &self.path
            && path.is_file()
        {
            // Whatever keeps it from going, the error that is told is the first one.
            let _ = std::fs::remove_file(path);
        }
        flushed
    }

    /// Takes a closed pipe as the end, and anything else as a fault.
    fn failed(&self, error: &std::io::Error) -> Result<(), Error> {
        match &self.path {
            _ if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            Some(path) => Err(unwritable(path, error)),
            None => Err(Error::Server(format!(
                "the answer cannot be written: {error}"
            ))),
        }
    }
}

impl Write for &mut Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.writer.flush()
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::input(
        format!("file \"{}\" cannot be written: {error}", path.display()),
        None,
    )
}
