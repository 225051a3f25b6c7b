//! What a text is made from: facts that SQL counted, the rows behind them, and who speaks.

mod shares;

pub(crate) use shares::Shares;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Task, label};

/// The longest label that a prompt carries, in characters.
const LONGEST_LABEL: usize = 300;
/// The longest note that a prompt carries, in characters.
const LONGEST_NOTE: usize = 600;
/// The longest list of counts that a prompt carries.
const LONGEST_LIST: usize = 20;
/// The number of rows that a prompt carries.
const MOST_EVIDENCE: usize = 12;

/// All that is known when a text is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What to write.
    pub task: Task,
    /// What is counted about the customer.
    pub facts: Facts,
    /// What the caller wants the text to be about: a wish, of which nothing is repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// The rows to rely on, most recent first.
    #[serde(default, deserialize_with = "null_is_default")]
    pub evidence: Vec<Evidence>,
    /// Who speaks.
    #[serde(default, deserialize_with = "null_is_default")]
    pub voice: Voice,
}

/// What is counted about one customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The customer.
    pub customer_id: i64,
    /// What the customer does, as the data says it.
    #[serde(default)]
    pub occupation: Option<String>,
    /// The customer's segment.
    #[serde(default)]
    pub customer_type: Option<String>,
    /// The number of all interactions.
    #[serde(default, deserialize_with = "null_is_default")]
    pub total_interactions: u64,
    /// When the first interaction took place.
    #[serde(default)]
    pub first_interaction: Option<Moment>,
    /// The channel with most interactions.
    #[serde(default)]
    pub most_frequent_channel: Option<String>,
    /// Interactions by channel.
    #[serde(default, deserialize_with = "null_is_default")]
    pub channels: Vec<ChannelCount>,
    /// The latest interaction.
    #[serde(default)]
    pub last_interaction: Option<LastInteraction>,
    /// The topics that matter most, at most five.
    #[serde(default, deserialize_with = "null_is_default")]
    pub key_topics: Vec<String>,
    /// Interactions by topic.
    #[serde(default, deserialize_with = "null_is_default")]
    pub topics: Vec<TopicCount>,
    /// Interactions by sentiment.
    #[serde(default, deserialize_with = "null_is_default")]
    pub sentiments: Vec<SentimentCount>,
    /// Products discussed in the months of the interactions.
    #[serde(default, deserialize_with = "null_is_default")]
    pub products: Vec<String>,
    /// How products and interactions are linked; `month` is the only way there is.
    #[serde(default)]
    pub attribution: Option<String>,
    /// Topics that call for the safety contact.
    #[serde(default, deserialize_with = "null_is_default")]
    pub sensitive_topics: Vec<String>,
}

/// A day and a time of day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The day.
    pub date: Date,
    /// The time, as `16:10`.
    #[serde(default)]
    pub time: Option<String>,
}

/// The latest interaction of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastInteraction {
    /// The row.
    #[serde(default)]
    pub interaction_id: Option<i64>,
    /// The day.
    pub date: Date,
    /// The time, as `16:10`.
    #[serde(default)]
    pub time: Option<String>,
    /// The way of contact.
    #[serde(default)]
    pub channel: Option<String>,
    /// What it was about.
    #[serde(default)]
    pub topic: Option<String>,
    /// How it went.
    #[serde(default)]
    pub sentiment: Option<String>,
}

/// One interaction that a text may rely on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The row.
    pub interaction_id: i64,
    /// The day.
    pub date: Date,
    /// The time, as `16:10`.
    #[serde(default)]
    pub time: Option<String>,
    /// The way of contact.
    #[serde(default)]
    pub channel: Option<String>,
    /// What it was about.
    #[serde(default)]
    pub topic: Option<String>,
    /// How it went.
    #[serde(default)]
    pub sentiment: Option<String>,
    /// Products discussed in the month of the interaction.
    #[serde(default, deserialize_with = "null_is_default")]
    pub products: Vec<String>,
    /// What somebody wrote down about it.
    #[serde(default)]
    pub notes: Option<String>,
    /// Whether the topic or the notes call for the safety contact.
    #[serde(default, deserialize_with = "null_is_default")]
    pub sensitive: bool,
    /// The place among the rows that come near the focus, from 1; absent for any other row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevance_rank: Option<u32>,
}

/// The number of interactions of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelCount {
    /// The channel; absent for interactions without one.
    pub channel: Option<String>,
    /// How many.
    pub interactions: u64,
}

/// The number of interactions of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicCount {
    /// The topic; absent for interactions without one.
    pub topic: Option<String>,
    /// How many.
    pub interactions: u64,
}

/// The number of interactions of one sentiment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentimentCount {
    /// The sentiment; absent for interactions without one.
    pub sentiment: Option<String>,
    /// How many.
    pub interactions: u64,
}

/// Who speaks, and whom to send safety questions to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// Whom to contact about an adverse event, with address or number.
    #[serde(default, deserialize_with = "null_is_default")]
    pub safety_contact: String,
    /// Who signs.
    #[serde(default, deserialize_with = "null_is_default")]
    pub sender: String,
}

fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl Request {
    /// Copies the request with every label cleaned of invisible characters and line breaks, and
    /// every label and list cut to a length that a prompt can carry.
    pub(crate) fn bounded(&self) -> Self {
        let facts = &self.facts;
        Self {
            task: self.task,
            facts: Facts {
                customer_id: facts.customer_id,
                occupation: bounded_label(facts.occupation.as_deref()),
                customer_type: bounded_label(facts.customer_type.as_deref()),
                total_interactions: facts.total_interactions,
                first_interaction: facts.first_interaction.as_ref().map(|first| Moment {
                    date: first.date,
                    time: bounded_label(first.time.as_deref()),
                }),
                most_frequent_channel: bounded_label(facts.most_frequent_channel.as_deref()),
                channels: facts
                    .channels
                    .iter()
                    .take(LONGEST_LIST)
                    .map(|count| ChannelCount {
                        channel: bounded_label(count.channel.as_deref()),
                        interactions: count.interactions,
                    })
                    .collect(),
                last_interaction: facts.last_interaction.as_ref().map(|last| LastInteraction {
                    interaction_id: last.interaction_id,
                    date: last.date,
                    time: bounded_label(last.time.as_deref()),
                    channel: bounded_label(last.channel.as_deref()),
                    topic: bounded_label(last.topic.as_deref()),
                    sentiment: bounded_label(last.sentiment.as_deref()),
                }),
                key_topics: bounded_list(&facts.key_topics),
                topics: facts
                    .topics
                    .iter()
                    .take(LONGEST_LIST)
                    .map(|count| TopicCount {
                        topic: bounded_label(count.topic.as_deref()),
                        interactions: count.interactions,
                    })
                    .collect(),
                sentiments: facts
                    .sentiments
                    .iter()
                    .take(LONGEST_LIST)
                    .map(|count| SentimentCount {
                        sentiment: bounded_label(count.sentiment.as_deref()),
                        interactions: count.interactions,
                    })
                    .collect(),
                products: bounded_list(&facts.products),
                attribution: bounded_label(facts.attribution.as_deref()),
                sensitive_topics: bounded_list(&facts.sensitive_topics),
            },
            focus: bounded_label(self.focus.as_deref()),
            evidence: self.bounded_evidence(),
            voice: Voice {
                safety_contact: label::clean(&self.voice.safety_contact, LONGEST_LABEL),
                sender: label::clean(&self.voice.sender, 120),
            },
        }
    }

    /// Copies the first rows; when the latest sensitive one is not among them, it takes the place
    /// of the last, so that a long history hides no safety matter.
    fn bounded_evidence(&self) -> Vec<Evidence> {
        let mut rows: Vec<&Evidence> = self.evidence.iter().take(MOST_EVIDENCE).collect();
        if !rows.iter().any(|row| row.sensitive)
            && let Some(sensitive) = self.evidence.iter().find(|row| row.sensitive)
        {
            rows.pop();
            rows.push(sensitive);
        }
        rows.into_iter().map(Evidence::bounded).collect()
    }

    /// Returns the rows that come near the focus, the nearest first.
    pub(crate) fn relevant(&self) -> Vec<&Evidence> {
        let near = |row: &&Evidence| row.relevance_rank.is_some();
        let mut rows: Vec<&Evidence> = self.evidence.iter().filter(near).collect();
        rows.sort_by_key(|row| row.relevance_rank);
        rows
    }

    /// Tells whether the text needs the safety contact and a person's eyes: whether there is a
    /// reason in [`Self::sensitive_reasons`].
    pub(crate) fn is_sensitive(&self) -> bool {
        !self.sensitive_reasons().is_empty()
    }

    /// Returns why the text is sensitive: topics, and rows that are marked although their topic
    /// is none of those. A blank topic is no topic.
    pub(crate) fn sensitive_reasons(&self) -> Vec<String> {
        let mut reasons: Vec<String> = Vec::new();
        for topic in &self.facts.sensitive_topics {
            let topic = label::clean(topic, LONGEST_LABEL);
            let reason = format!("sensitive topic \"{topic}\"");
            if !topic.is_empty() && !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        for row in self.evidence.iter().filter(|row| row.sensitive) {
            if !self.is_sensitive_topic(row.topic.as_deref()) {
                let id = row.interaction_id;
                reasons.push(format!("interaction {id} is marked as sensitive"));
            }
        }
        reasons
    }

    /// Tells whether a topic is one of those that call for the safety contact.
    pub(crate) fn is_sensitive_topic(&self, topic: Option<&str>) -> bool {
        let Some(wanted) = topic.map(label::fold).filter(|topic| !topic.is_empty()) else {
            return false;
        };
        let sensitive = &self.facts.sensitive_topics;
        sensitive.iter().any(|topic| label::fold(topic) == wanted)
    }

    /// Returns every label that a text might repeat, each once.
    pub(crate) fn labels(&self) -> Vec<&str> {
        let facts = &self.facts;
        let mut labels: Vec<&str> = Vec::new();
        labels.extend(facts.occupation.as_deref());
        labels.extend(facts.customer_type.as_deref());
        labels.extend(self.channels());
        labels.extend(self.topics());
        labels.extend(self.sentiments());
        labels.extend(self.products());
        labels.sort_unstable();
        labels.dedup();
        labels
    }

    /// Returns the channels of facts and evidence.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &str> {
        let facts = &self.facts;
        let last = facts.last_interaction.iter().flat_map(|last| &last.channel);
        (facts.most_frequent_channel.iter())
            .chain(facts.channels.iter().flat_map(|count| &count.channel))
            .chain(last)
            .chain(self.evidence.iter().flat_map(|row| &row.channel))
            .map(String::as_str)
    }

    /// Returns the topics of facts and evidence.
    pub(crate) fn topics(&self) -> impl Iterator<Item = &str> {
        let facts = &self.facts;
        let last = facts.last_interaction.iter().flat_map(|last| &last.topic);
        (facts.key_topics.iter())
            .chain(&facts.sensitive_topics)
            .chain(facts.topics.iter().flat_map(|count| &count.topic))
            .chain(last)
            .chain(self.evidence.iter().flat_map(|row| &row.topic))
            .map(String::as_str)
    }

    /// Returns the sentiments of facts and evidence.
    pub(crate) fn sentiments(&self) -> impl Iterator<Item = &str> {
        let facts = &self.facts;
        let last = facts
            .last_interaction
            .iter()
            .flat_map(|last| &last.sentiment);
        (facts.sentiments.iter())
            .flat_map(|count| &count.sentiment)
            .chain(last)
            .chain(self.evidence.iter().flat_map(|row| &row.sentiment))
            .map(String::as_str)
    }

    /// Returns the products of facts and evidence.
    pub(crate) fn products(&self) -> impl Iterator<Item = &str> {
        (self.facts.products.iter())
            .chain(self.evidence.iter().flat_map(|row| &row.products))
            .map(String::as_str)
    }

    /// Returns the labels that must not be repeated to anybody, because they read like an order
    /// to a machine or like an unfilled template.
    pub(crate) fn labels_that_read_like_instructions(&self) -> Vec<String> {
        self.labels()
            .into_iter()
            .filter(|text| label::reads_like_instruction(text) || label::has_template_marks(text))
            .map(str::to_owned)
            .collect()
    }
}

impl Evidence {
    fn bounded(&self) -> Self {
        Self {
            interaction_id: self.interaction_id,
            date: self.date,
            time: bounded_label(self.time.as_deref()),
            channel: bounded_label(self.channel.as_deref()),
            topic: bounded_label(self.topic.as_deref()),
            sentiment: bounded_label(self.sentiment.as_deref()),
            products: bounded_list(&self.products),
            // What was written down about a safety matter is not for a draft.
            notes: self
                .notes
                .as_deref()
                .filter(|_| !self.sensitive)
                .map(|notes| label::clean(notes, LONGEST_NOTE))
                .filter(|notes| !notes.is_empty()),
            sensitive: self.sensitive,
            relevance_rank: self.relevance_rank,
        }
    }
}

fn bounded_label(text: Option<&str>) -> Option<String> {
    text.map(|text| label::clean(text, LONGEST_LABEL))
        .filter(|text| !text.is_empty())
}

fn bounded_list(labels: &[String]) -> Vec<String> {
    labels
        .iter()
        .filter_map(|text| bounded_label(Some(text)))
        .take(LONGEST_LIST)
        .collect()
}
