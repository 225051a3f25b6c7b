"""Generates training sentences near the domain: visits to prescribers, customer service, office English.

A small context-free grammar: `{slot}` in a pattern is replaced by one of the slot's entries, which may hold slots
again. Entries of a slot are separated by `|`. The same seed gives the same sentences.
"""

from __future__ import annotations

import random
import re

_SLOT = re.compile(r"\{(\w+)\}")

_SLOTS: dict[str, str] = {
    # people and places
    "hcp": "doctor|physician|GP|general practitioner|cardiologist|oncologist|neurologist|dermatologist|psychiatrist|"
    "pediatrician|rheumatologist|endocrinologist|pulmonologist|urologist|gastroenterologist|nephrologist|"
    "hematologist|gynecologist|surgeon|anesthetist|pharmacist|hospital pharmacist|head nurse|nurse|resident|"
    "consultant|specialist|chief physician|professor|key opinion leader|prescriber|internist|dentist|midwife",
    "org": "hospital|clinic|university hospital|practice|group practice|pharmacy|ward|outpatient department|"
    "medical centre|health insurer|purchasing committee|pharmacy chain|laboratory|nursing home|intensive care unit|"
    "emergency department|drug commission|ethics committee|health ministry|wholesaler|care home|day clinic",
    "client": "customer|client|account|buyer|subscriber|user|caller|member|shopper|contact|partner|prospect",
    "patient": "patient|elderly patient|young patient|pregnant woman|child|diabetic|outpatient|adolescent|smoker|"
    "patient with kidney failure|patient with liver disease|patient over seventy|newborn|asthmatic|overweight man",
    "who": "the {hcp}|The {hcp}|a {hcp} at the {org}|the {client}|she|he|they|Dr. {name}|Prof. {name}|Mrs {name}|"
    "the {org}|the {role}|our contact|the team at the {org}|one {hcp}",
    "role": "sales representative|rep|account manager|medical science liaison|supervisor|regional manager|agent|"
    "technician|secretary|receptionist|office manager|procurement manager|assistant|field manager|trainer|"
    "head of purchasing|controller|marketing lead|project manager|quality officer|compliance officer",
    "name": "Meyer|Garcia|Tanaka|Okafor|Rossi|Novak|Patel|Dubois|Jansen|Larsen|Silva|Cohen|Kim|Smith|Brown|Lopez",
    # medicine
    "drug": "{brand}|{brand} {dose}|the medicine|the drug|our product|the tablet|the new formulation|the injection|"
    "the generic|the {class}|the treatment|the therapy|the inhaler|the syrup|the patch|the capsules|the ointment|"
    "the vaccine|the infusion|the biologic|the biosimilar|the combination pill|the competitor's product|{class}s",
    "brand": "Orange|Sand|Blue|Alvoxin|Cardexil|Neurolan|Pulmovent|Dermacept|Oncovir|Glucaril|Renivex",
    "class": "anticoagulant|antibiotic|beta blocker|statin|ACE inhibitor|antidepressant|diuretic|opioid|painkiller|"
    "corticosteroid|antihistamine|insulin|blood thinner|antihypertensive|antiepileptic|chemotherapy|sedative|"
    "proton pump inhibitor|bronchodilator|antiviral|immunosuppressant|contraceptive|antifungal|muscle relaxant",
    "other": "warfarin|aspirin|ibuprofen|metformin|alcohol|grapefruit juice|antacids|paracetamol|amoxicillin|"
    "St John's wort|iron supplements|herbal remedies|digoxin|lithium|heparin|omeprazole|levothyroxine|simvastatin|"
    "milk|vitamin K|tramadol|prednisolone|theophylline|other medication|a {class}|the birth control pill",
    "dose": "5 mg|10 mg|20 mg|50 mg|100 mg|250 mg|500 mg|one tablet|half a tablet|twice daily|once a day",
    "effect": "nausea|vomiting|dizziness|headache|rash|itching|fatigue|drowsiness|diarrhea|constipation|dry mouth|"
    "insomnia|weight gain|hair loss|bleeding|bruising|palpitations|low blood pressure|swelling of the ankles|cough|"
    "muscle pain|stomach ache|allergic reaction|anaphylaxis|liver damage|elevated liver enzymes|hypoglycemia|"
    "kidney injury|blurred vision|tremor|depression|anxiety|confusion|loss of appetite|fainting|seizures|fever|"
    "shortness of breath|irregular heartbeat|skin irritation|redness at the injection site|heartburn|bloating|"
    "weakness|nightmares|sexual dysfunction|joint stiffness|mouth ulcers|ringing in the ears|hot flushes",
    "disease": "hypertension|diabetes|asthma|COPD|migraine|epilepsy|arthritis|psoriasis|breast cancer|lung cancer|"
    "heart failure|depression|atrial fibrillation|high cholesterol|chronic pain|osteoporosis|eczema|pneumonia|"
    "influenza|infection|stroke|thrombosis|anemia|obesity|Parkinson's disease|dementia|multiple sclerosis|allergy|"
    "kidney disease|hepatitis|leukemia|schizophrenia|insomnia|gout|heart attack|glaucoma|urinary tract infection",
    "measure": "blood pressure|blood sugar|cholesterol|pain scores|kidney function|liver values|heart rate|symptoms|"
    "tumour size|survival|quality of life|relapse rate|lung function|body weight|clotting time|hospital stays|"
    "mortality|sleep quality|number of attacks|viral load|bone density|response rate|inflammation markers",
    # subjects, with words that mean the same
    "subject": "{s_inter}|{s_side}|{s_eff}|{s_guide}|{s_dose}|{s_sample}|{s_trial}|{s_congress}|{s_price}|"
    "{s_supply}|{s_train}|{s_pack}|{s_access}|{s_report}|{s_adhere}|{s_admin}|{s_comp}|{s_digital}|{s_store}|"
    "{s_contract}",
    "s_inter": "drug interactions|interaction with {other}|combining {drug} with {other}|concomitant use of {other}|"
    "taking it together with {other}|contraindications|whether {drug} may be given with {other}|polypharmacy|"
    "interference with {other}|drug interaction concerns|incompatibility with {other}|comedication",
    "s_side": "side effects|adverse events|{effect}|{effect} and {effect}|tolerability|an adverse reaction|"
    "{effect} in a {patient}|unwanted effects|safety concerns|toxicity|undesirable effects such as {effect}|"
    "side effects discussion",
    "s_eff": "efficacy|how well {drug} works|effectiveness in {disease}|improvement of {measure}|lack of effect|"
    "speed of onset|benefit in {disease}|poor response|clinical outcome|treatment success|how long the effect lasts|"
    "whether {drug} helps against {disease}|drug efficacy|superiority over {class}s",
    "s_guide": "prescribing guidelines|prescription rules|the label|indications|the updated guideline for {disease}|"
    "recommendations of the society|off-label use|the package leaflet|prescription guidelines|treatment protocol|"
    "first-line therapy|eligibility criteria|the national recommendation|who may be prescribed {drug}",
    "s_dose": "dosage|the right dose|dose adjustment|{dose}|titration|the maximum daily dose|"
    "how much to give a {patient}|dosing interval|dose reduction|starting dose|overdose|a missed dose|"
    "dosage inquiry|the strength of the tablets",
    "s_sample": "samples|free samples|trial packs|starter packs|a sample request|ten boxes of samples|"
    "sample delivery|demonstration devices|test packs for new patients|free packs of {drug}|placebo pens",
    "s_trial": "clinical trial data|the phase III study|study results|the new publication|the randomized trial|"
    "real-world evidence|subgroup analysis|the endpoint of the study|statistics|long-term data|"
    "recruitment for the trial|head-to-head comparison|the meta-analysis|the study protocol|interim results|"
    "evidence in {disease}",
    "s_congress": "the congress|an invitation to the symposium|conference attendance|travel costs for the meeting|"
    "the congress invitation|the workshop in {month}|speaker fee|the webinar|the scientific meeting|"
    "an advisory board|a dinner lecture|registration for the conference|hotel booking|the poster session",
    "s_price": "price|cost of {drug}|discounts|a rebate|the invoice|reimbursement|payment terms|budget|"
    "an expensive therapy|cheaper alternatives|refund|health insurance coverage|copayment|price increase|"
    "late payment|tender|credit note",
    "s_supply": "stock|shortage|delayed delivery|availability|a late shipment|out of stock|backorder|the order|"
    "transport|cold chain|a damaged parcel|missing boxes|wrong delivery|delivery time|reorder|wholesaler stock|"
    "recall of a batch",
    "s_train": "training|a workshop for nurses|staff education|injection training|an e-learning course|onboarding|"
    "a demonstration of the device|teaching material|instruction of patients|continuing medical education credits",
    "s_pack": "packaging|the blister|child-proof cap|labels|the leaflet|broken vials|the pen device|"
    "a leaking bottle|illegible expiry date|defective inhaler|faulty needle|colour of the tablets|counterfeit boxes",
    "s_access": "formulary listing|prior authorization|approval by the committee|market launch|registration|licence|"
    "market access|the drug list of the hospital|inclusion in the formulary|named patient programme|early access",
    "s_report": "a complaint|pharmacovigilance|a safety report|product quality|legal questions|data protection|"
    "consent form|compliance|an audit|documentation|a form to report adverse events|liability|"
    "inspection by the authority",
    "s_adhere": "adherence|patients who stop the treatment|forgotten doses|patient support programme|reminder app|"
    "compliance of patients|leaflets for patients|patient education|discontinuation|patients' fears|home nursing",
    "s_admin": "a new appointment|rescheduling|change of address|opening hours|the contact person|visit frequency|"
    "a call back|holiday replacement|meeting room|retirement of the {hcp}|new phone number|unsubscribe|visiting ban",
    "s_comp": "the competitor|a rival brand|switching to the generic|change of therapy|market share|"
    "comparison with {class}s|loyalty to another brand|a cheaper biosimilar|advantages over the competition",
    "s_digital": "the app|login|password|the portal|the website|video call|software error|electronic prescription|"
    "online ordering|slow internet|the tablet computer|newsletter|the digital brochure|data export|two-factor code",
    "s_store": "storage|temperature|shelf life|expiry date|refrigerator|disposal of needles|stability after opening|"
    "protection from light|keeping it at room temperature|heat during summer|returning expired goods",
    "s_contract": "contract|renewal|cancellation|agreement|framework contract|purchase conditions|subscription|"
    "cooperation|terms|quotation|partnership|minimum order|exclusivity|notice period|upgrade to the premium plan",
    # feelings
    "pos": "happy|satisfied|pleased|enthusiastic|delighted|impressed|grateful|interested|convinced|relieved|"
    "friendly|positive|curious|open|reassured|confident|very content|excited|supportive|full of praise",
    "neg": "unhappy|angry|disappointed|sceptical|worried|annoyed|frustrated|concerned|upset|dissatisfied|irritated|"
    "reluctant|hesitant|critical|hostile|impatient|alarmed|furious|doubtful|bored|nervous|negative",
    "neu": "neutral|undecided|indifferent|calm|reserved|busy|polite|waiting|neither for nor against|noncommittal",
    "feel": "{pos}|{neg}|{neu}|{pos}|{neg}",
    "likes": "praised|welcomed|appreciated|liked|recommended|thanked us for|approved of|was full of praise for|"
    "is happy with|was impressed by|spoke highly of|was satisfied with|supports|agreed with|found no problem with|"
    "valued",
    "hates": "criticised|complained about|rejected|was annoyed by|doubts|worried about|disliked|was angry about|"
    "warned of|refused|is concerned about|is disappointed with|disputed|raised concerns about|objected to|"
    "was upset over",
    "asks": "asked about|wants to know more about|inquired about|requested information on|wondered about|"
    "raised a question on|wanted details of|would like material on|needs an answer on|sought advice on|"
    "had questions regarding|asked for clarification of|requests|asked us to explain|mentioned|discussed|brought up|"
    "talked about|reported",
    # acts of an office
    "act": "send the {material}|call back {when}|arrange a meeting|forward the question to {dept}|order {s_sample}|"
    "book a follow-up visit|file a report|check with {dept}|prepare an offer|update the record|cancel the order|"
    "issue a refund|ship a replacement|escalate to the {role}|share the {material}|correct the invoice|"
    "schedule a video call|close the case|visit again {when}|organise {s_train}|add {name} to the mailing list|"
    "reset the password|stop all e-mails|confirm the appointment|collect the expired packs|introduce the new {role}|"
    "offer a discount|write a summary",
    "material": "brochure|study|publication|dosing card|leaflet|price list|slides|safety data|reprint|quotation|"
    "contract|presentation|invitation|form|agenda|minutes|catalogue|poster|guideline|white paper|summary|"
    "certificate|manual",
    "dept": "medical information|the legal department|head office|logistics|accounting|technical support|"
    "the warehouse|pharmacovigilance|regulatory affairs|customer service|finance|the lab|marketing|human resources|"
    "the IT team",
    "when": "next week|tomorrow|in {month}|after the holidays|on {day}|by the end of the month|in two weeks|"
    "this afternoon|before the congress|next quarter|as soon as possible|in the morning|today|after lunch|next year",
    "month": "January|February|March|April|May|June|July|August|September|October|November|December",
    "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
    "channel": "Email|Call|Post|Boat|Bird|visit|phone|letter|video call|meeting|fax|chat|web form|SMS|conference|"
    "webinar",
    "reason": "because of {subject}|due to {subject}|after {s_side}|since {s_supply} caused trouble|"
    "as {measure} improved|because {measure} did not improve|for lack of time|on account of {s_price}|"
    "because colleagues recommended it|after reading {s_trial}|because the {patient} developed {effect}|"
    "owing to {s_access}|in spite of {subject}",
    "thing": "parcel|laptop|printer|invoice|booking|ticket|flight|hotel room|car|order|subscription|phone|app|"
    "website|delivery|contract|bank card|account|refund|package|software|machine|device|kitchen|coffee machine|"
    "jacket|shoes|insurance|loan|meal|meeting|report|budget|spreadsheet|server|database|warranty|battery|screen|"
    "camera|bill|lease",
    "fault": "broken|late|missing|wrong|damaged|too expensive|lost|defective|slow|out of order|incomplete|cancelled|"
    "dirty|overdue|not working|expired|stolen|confusing|noisy|blocked|charged twice|delivered to the wrong address",
    "fine": "excellent|fast|on time|cheap|easy to use|as described|reliable|perfect|well organised|helpful|clean|"
    "better than expected|worth the money|comfortable|ready|very good|modern|fixed|delicious|safe|quiet",
}

_NOTES = """{who} {asks} {subject}.
{who} {asks} {subject} and {subject}.
{who} {likes} {subject}.
{who} {hates} {subject}.
{who} {hates} {subject}; we will {act}.
{who} was {feel} about {subject}.
{who} is {feel} and {asks} {subject}, please {act}.
The {patient} developed {effect} after {drug}.
Two patients stopped {drug} because of {effect}.
{who} reported {effect} and {effect} in a {patient} on {drug}.
{who} saw {effect} when {drug} was combined with {other}.
Is it safe to take {drug} with {other}?
{who} prescribes {drug} for {disease} {reason}.
{who} no longer prescribes {drug} {reason}.
{who} switched a {patient} from {class} to {drug} {reason}.
{drug} lowered {measure} within weeks in patients with {disease}.
No change of {measure} under {drug}, {who} {hates} it.
{who} wants to start {drug} at {dose} in a {patient}.
Can the dose be raised to {dose} for a {patient} with {disease}?
Promised to {act}.
Agreed to {act} {when}.
Next step: {act}.
{who} had no time, {act} {when}.
{who} would like us to {act} {when}.
{channel} with {who}, topic {subject}, mood {feel}.
Short {channel} about {subject}. {who} seemed {feel}. Will {act}.
{who} compared {drug} with {class}s and {likes} {s_comp}.
{who} said {measure} got better with {drug}, but {hates} {s_price}.
The {org} {hates} {subject} {reason}.
The {org} wants to {act} {reason}.
Discussed {subject} with the {role}; {feel}.
{client} {feel}: {subject}
asked for {material} on {subject}
follow up {when}: {act}
{s_supply} at the {org}, {who} is {neg}.
{who} cannot attend {s_congress} {reason}.
{who} accepted {s_congress} and asked us to {act}.
{who} needs {s_sample} for the {org} {when}.
{who} remembers {s_trial} and thinks {measure} matters more in {disease}.
The {client} was {pos} that the {thing} was {fine}.
The {client} was {neg} because the {thing} was {fault}.
My {thing} is {fault}, can you help me?
I would like to {act} {when}.
The {thing} was {fault}, so we had to {act}.
Everything about the {thing} was {fine}, thank you.
How do I change my {thing}?
Our {role} will {act} {when}.
The {role} {asks} the {thing} {when}.
Please {act}, the {thing} is {fault}."""

_QUERIES = """who {asks} {subject}?
which customers {hates} {subject}
{hcp} {feel} about {subject}
{subject}
{subject} {feel}
{subject}, {subject}
complaints about {subject}
questions on {subject}
problems with {thing}
{thing} {fault}
{effect} after {drug}
{effect} in {disease}
{drug} and {other}
patients with {disease}
{act}
promised to {act}
visits about {subject} {when}
anyone {neg} because of {subject}?
interest in {subject}
{pos} feedback on {subject}
{neg} reaction to {subject}
{role} {asks} {subject}
{org} {subject}
what did the {hcp} say about {subject}?
{disease} {measure}"""

_TOPICS = (
    "Drug Interaction Concerns|Side Effects Discussion|Drug Efficacy|Prescription Guidelines|Dosage Inquiry|Sample "
    "Request|Clinical Trial Data|Congress Invitation|Pricing|Supply|Training|Complaint|Contract|Storage|{subject}"
)


def _entries() -> dict[str, list[str]]:
    return {slot: text.split("|") for slot, text in _SLOTS.items()}


def lexicon() -> list[str]:
    """Returns the words of the grammar in lower case, sorted."""
    text = " ".join([*_SLOTS.values(), _NOTES, _QUERIES, _TOPICS])
    return sorted(set(re.findall(r"[a-z]{3,}", _SLOT.sub(" ", text).lower())))


class Generator:
    """Draws sentences from the grammar."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._slots = _entries()
        self._notes = _NOTES.splitlines()
        self._queries = _QUERIES.splitlines()

    def expand(self, pattern: str) -> str:
        """Replaces every slot, inner ones too."""
        while _SLOT.search(pattern):
            pattern = _SLOT.sub(lambda match: self._random.choice(self._slots[match[1]]), pattern)
        return pattern

    def note(self) -> str:
        """Draws one to three sentences as somebody would write them into a record."""
        count = self._random.choices((1, 2, 3), (6, 3, 1))[0]
        return " ".join(self.expand(self._random.choice(self._notes)) for _ in range(count))

    def query(self) -> str:
        """Draws a search request."""
        return self.expand(self._random.choice(self._queries))

    def document(self, notes: str) -> str:
        """Renders a record around a note, in one of several ways."""
        topic = self.expand(self._random.choice(_TOPICS.split("|")))
        feeling = self._random.choice(("Positive", "Negative", "Neutral"))
        channel = self._random.choice(self._slots["channel"])
        return self._random.choice(
            (
                f"topic: {topic}; sentiment: {feeling}; channel: {channel}; notes: {notes}",
                f"{topic}. {notes}",
                f"{topic}; {feeling}; {channel}; {notes}",
                f"topic: {topic}; sentiment: {feeling}; channel: {channel}",
            )
        )


def generate(count: int, general: list[str], seed: int) -> list[str]:
    """Returns `count` different texts: notes, queries, rendered records, and general sentences strung together."""
    generator = Generator(seed)
    chance = random.Random(seed + 1)
    texts: dict[str, None] = {}
    while len(texts) < count:
        kind = chance.random()
        if kind < 0.35:
            text = generator.note()
        elif kind < 0.60:
            text = generator.query()
        elif kind < 0.75:
            text = generator.document(generator.note())
        elif kind < 0.90:
            text = generator.document(chance.choice(general)) if kind < 0.80 else (
                f"{chance.choice(general)}. {generator.note()}"
            )
        else:
            text = f"{chance.choice(general)}. {chance.choice(general)}"
        texts[text] = None
    return list(texts)
