-- What interactions that are looked for must be like.

CREATE TYPE rapport.search_filter AS (
    customer_type text, occupation text, channel text, topic text, sentiment text, months date [], since date, until date
);
COMMENT ON TYPE rapport.search_filter IS
'What interactions must be like: labels in lower case, the type as it is counted, of the occupation its last words, months as their first days; NULL lets all pass.';

CREATE FUNCTION rapport.ends_with_words(label text, words text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN right(' ' || lower(label), length(words) + 1) = ' ' || words;
COMMENT ON FUNCTION rapport.ends_with_words(text, text) IS
'Whether a label is, or ends with, words in lower case. Example: SELECT rapport.ends_with_words(''Practice Nurse'', ''nurse'');';

CREATE FUNCTION rapport.passes(
    filter rapport.search_filter, customer_type text, occupation text, channel text, topic text, sentiment text, occurred_at timestamp
) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ((filter).customer_type IS NULL OR lower(rapport.counted_label(customer_type)) = (filter).customer_type)
AND ((filter).occupation IS NULL OR rapport.ends_with_words(occupation, (filter).occupation))
AND ((filter).channel IS NULL OR lower(channel) = (filter).channel)
AND ((filter).topic IS NULL OR lower(topic) = (filter).topic)
AND ((filter).sentiment IS NULL OR lower(sentiment) = (filter).sentiment)
AND ((filter).months IS NULL OR date_trunc('month', occurred_at)::date = ANY ((filter).months))
AND ((filter).since IS NULL OR occurred_at >= (filter).since)
AND ((filter).until IS NULL OR occurred_at < (filter).until + 1);
COMMENT ON FUNCTION rapport.passes(rapport.search_filter, text, text, text, text, text, timestamp) IS
'Whether an interaction of a customer of this type is like that; NULL counts as no. Example: SELECT rapport.passes(ROW(NULL, NULL, ''email'', NULL, NULL, NULL, ''2020-01-01'', NULL), ''Red'', ''Jedi'', ''Email'', ''Price'', NULL, ''2020-02-01 09:00'');';

CREATE FUNCTION rapport.search_filter_of(
    customer_type text, occupation text, channel text, topic text, sentiment text, product text, since date, until date
) RETURNS rapport.search_filter
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_period(since, until);
    RETURN ROW(
        CASE WHEN customer_type IS NOT NULL THEN lower(rapport.counted_label(customer_type)) END,
        lower(occupation), lower(channel), lower(topic), lower(sentiment),
        CASE WHEN product IS NOT NULL THEN
            ARRAY(SELECT p.month FROM crm.products AS p WHERE lower(p.product) = lower(search_filter_of.product))
        END,
        since, until
    )::rapport.search_filter;
END
$$;
COMMENT ON FUNCTION rapport.search_filter_of(text, text, text, text, text, text, date, date) IS
'The filter that passes interactions with these labels, in the months of a product, and in a period of which both days belong to it. Example: SELECT * FROM rapport.search_filter_of(''Red'', NULL, ''Email'', NULL, NULL, ''Sand'', ''2020-01-01'', NULL);';

REVOKE EXECUTE ON FUNCTION
rapport.ends_with_words(text, text),
rapport.passes(rapport.search_filter, text, text, text, text, text, timestamp),
rapport.search_filter_of(text, text, text, text, text, text, date, date)
FROM PUBLIC;
