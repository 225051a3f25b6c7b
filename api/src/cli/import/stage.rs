//! How far the server has come with an import, as the name of its session tells.

/// What an import does, how much of it is done, and how many rows it has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The file is read and cleaned.
    Reading { percent: u64, rows: u64 },
    /// The rows are merged with those that are stored.
    Storing { percent: u64, rows: u64 },
    /// The statistics are computed again.
    Refreshing,
}

impl Stage {
    /// Reads `rapport import 43%, 215000 rows`, the same with `storing` before the number, or
    /// `rapport import refreshing statistics`.
    pub(super) fn of_session(application_name: &str) -> Option<Self> {
        let rest = application_name.strip_prefix("rapport import ")?;
        if rest == "refreshing statistics" {
            return Some(Self::Refreshing);
        }
        let (storing, rest) = match rest.strip_prefix("storing ") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (percent, rows) = rest.strip_suffix(" rows")?.split_once("%, ")?;
        let (percent, rows) = (percent.parse().ok()?, rows.parse().ok()?);
        Some(if storing {
            Self::Storing { percent, rows }
        } else {
            Self::Reading { percent, rows }
        })
    }

    /// Returns the number of rows.
    pub(super) fn rows(self) -> u64 {
        match self {
            Self::Reading { rows, .. } | Self::Storing { rows, .. } => rows,
            Self::Refreshing => 0,
        }
    }

    /// Says whether two looks found the same stage.
    pub(super) fn continues(self, before: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stage_is_read_from_the_name_of_the_session() {
        let (percent, rows) = (43, 215_000);
        assert_eq!(
            Stage::of_session("rapport import 43%, 215000 rows"),
            Some(Stage::Reading { percent, rows })
        );
        assert_eq!(
            Stage::of_session("rapport import storing 43%, 215000 rows"),
            Some(Stage::Storing { percent, rows })
        );
        assert_eq!(
            Stage::of_session("rapport import refreshing statistics"),
            Some(Stage::Refreshing)
        );
        for other in [
            "rapport import",
            "psql",
            "rapport import 43%",
            "rapport import x%, 1 rows",
        ] {
            assert_eq!(Stage::of_session(other), None, "{other}");
        }
    }
}
