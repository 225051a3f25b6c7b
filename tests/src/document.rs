//! The fenced blocks of a Markdown document: what it claims, to be executed.
//!
//! `README.md` of this crate describes the convention.

/// Something that a document claims.
#[derive(Debug, PartialEq, Eq)]
pub struct Claim {
    /// The line of the document on which it starts, from 1.
    pub line: usize,
    /// What to execute.
    pub action: Action,
    /// The answer the document shows; `None` when it shows none.
    pub answer: Option<String>,
}

/// What a claim executes.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// Statements for psql.
    Sql(String),
    /// A command for the shell.
    Command(String),
}

struct Block {
    line: usize,
    language: String,
    text: String,
}

/// Finds the claims of a document, in their order.
pub fn claims(document: &str) -> Vec<Claim> {
    let blocks = blocks(document);
    let mut claims = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        match block.language.as_str() {
            "sql" => {
                let answer = blocks.get(index + 1).filter(|next| next.language == "text");
                claims.push(Claim {
                    line: block.line,
                    action: Action::Sql(block.text.clone()),
                    answer: answer.map(|answer| answer.text.clone()),
                });
            }
            "console" => claims.extend(commands(block)),
            _ => {}
        }
    }
    claims
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in (1..).zip(document.lines()) {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(language), None) => {
                open = Some(Block {
                    line: number,
                    language: language.trim().to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

fn commands(block: &Block) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    let mut continues = false;
    for (number, line) in (block.line + 1..).zip(block.text.lines()) {
        if let Some(command) = line.strip_prefix("$ ") {
            claims.push(Claim {
                line: number,
                action: Action::Command(command.to_owned()),
                answer: None,
            });
            continues = command.ends_with('\\');
            continue;
        }
        let claim = claims
            .last_mut()
            .unwrap_or_else(|| panic!("line {number}: no `$ ` before the output"));
        match &mut claim.action {
            Action::Command(command) if continues => {
                command.push('\n');
                command.push_str(line);
                continues = line.ends_with('\\');
            }
            _ => {
                let answer = claim.answer.get_or_insert_default();
                answer.push_str(line);
                answer.push('\n');
            }
        }
    }
    claims
}

/// Compares an answer with the one a document shows. `…` stands for any characters of a line, a line
/// of its own for any lines; blanks at the ends of lines and of the text do not count.
pub fn agrees(shown: &str, actual: &str) -> bool {
    lines_agree(&tidy(shown), &tidy(actual))
}

fn tidy(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().map(str::trim_end).collect();
    let blank = |line: Option<&&str>| line.is_some_and(|line| line.is_empty());
    while blank(lines.last()) {
        lines.pop();
    }
    while blank(lines.first()) {
        lines.remove(0);
    }
    lines
}

fn lines_agree(shown: &[&str], actual: &[&str]) -> bool {
    match shown.split_first() {
        None => actual.is_empty(),
        Some((first, rest)) if first.trim() == "…" => {
            (0..=actual.len()).any(|skipped| lines_agree(rest, &actual[skipped..]))
        }
        Some((first, rest)) => {
            let same = |line: &&str| line_agrees(first, line);
            actual
                .split_first()
                .is_some_and(|(line, others)| same(line) && lines_agree(rest, others))
        }
    }
}

fn line_agrees(shown: &str, actual: &str) -> bool {
    match shown.split_once('…') {
        None => shown == actual,
        Some((before, after)) => actual.strip_prefix(before).is_some_and(|rest| {
            let ends = rest
                .char_indices()
                .map(|(index, _)| index)
                .chain([rest.len()]);
            ends.into_iter()
                .any(|skipped| line_agrees(after, &rest[skipped..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_statements_with_and_without_answers() {
        let found =
            claims("```sql\nSELECT 1;\n```\nsays\n```text\n 1\n```\n```sql\nSELECT 2;\n```\n");
        let sql = |line, text: &str, answer: Option<&str>| Claim {
            line,
            action: Action::Sql(text.to_owned()),
            answer: answer.map(str::to_owned),
        };
        assert_eq!(
            found,
            [
                sql(1, "SELECT 1;\n", Some(" 1\n")),
                sql(8, "SELECT 2;\n", None)
            ]
        );
    }

    #[test]
    fn finds_commands_over_several_lines() {
        let found = claims("```console\n$ curl \\\n  /livez\nok\n$ true\n```\n");
        let command = |line, text: &str, answer: Option<&str>| Claim {
            line,
            action: Action::Command(text.to_owned()),
            answer: answer.map(str::to_owned),
        };
        assert_eq!(
            found,
            [
                command(2, "curl \\\n  /livez", Some("ok\n")),
                command(5, "true", None)
            ]
        );
    }

    #[test]
    fn an_ellipsis_stands_for_what_changes() {
        assert!(agrees("id …, ok\n", "id 17, ok"));
        assert!(agrees("a\n…\nz\n", "a\nb\nc\nz\n"));
        assert!(agrees("a  \n", "\na\n\n"));
        assert!(!agrees("a …b\n", "a c"));
        assert!(!agrees("a\n", "a\nb\n"));
        assert!(!agrees("a\nb\n", "a\n"));
    }
}
