-- The three tables that the previous developer left, exactly as they are in production.
-- Where they exist they are taken over with their rows; the next migrations evolve them in place.

CREATE TABLE IF NOT EXISTS public.customers (
    customer_id INT PRIMARY KEY,
    occupation VARCHAR(255),
    type VARCHAR(255)
);

CREATE TABLE IF NOT EXISTS public.interactions (
    date_start TIMESTAMP,
    interaction VARCHAR(255),
    customers INT
);

CREATE TABLE IF NOT EXISTS public.products (
    date VARCHAR(7),
    product VARCHAR(255)
);
