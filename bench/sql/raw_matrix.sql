SELECT t.customer_type, p.product, count(a.interaction_id) AS interactions
FROM (SELECT DISTINCT coalesce(customer_type, 'Unknown') AS customer_type FROM crm.customers) AS t
CROSS JOIN (SELECT DISTINCT product FROM crm.products UNION ALL SELECT NULL) AS p
LEFT JOIN crm.attributed_interactions AS a
    ON t.customer_type = a.customer_type AND p.product IS NOT DISTINCT FROM a.product
GROUP BY t.customer_type, p.product
