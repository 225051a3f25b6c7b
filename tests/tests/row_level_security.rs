//! What totals tell those from whom row-level security hides rows.

use rapport_tests::matrix::{Cells, matrix};
use rapport_tests::{Database, expected};

/// Two roles that may see the customers of one type each, and their interactions.
struct Restricted {
    database: Database,
    roles: [String; 2],
}

impl Restricted {
    const TYPES: [&str; 2] = ["Red", "Blue"];

    async fn new() -> Self {
        let database = Database::with_sample().await;
        let mut owner = database.session().await;
        let roles = Self::TYPES.map(|kind| format!("{}_{}", database.name, kind.to_lowercase()));
        owner
            .execute(
                "ALTER TABLE crm.customers ENABLE ROW LEVEL SECURITY;
                 ALTER TABLE crm.interactions ENABLE ROW LEVEL SECURITY;
                 CREATE POLICY of_visible_customers ON crm.interactions
                     USING (EXISTS (SELECT FROM crm.customers AS c WHERE c.customer_id = interactions.customer_id))",
            )
            .await;
        for (role, kind) in roles.iter().zip(Self::TYPES) {
            owner
                .execute(&format!(
                    "CREATE ROLE {role} IN ROLE rapport_analyst;
                     CREATE POLICY {role} ON crm.customers TO {role} USING (customer_type = '{kind}')"
                ))
                .await;
        }
        Self { database, roles }
    }

    async fn end(self) {
        let mut owner = self.database.session().await;
        for role in &self.roles {
            owner
                .execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
                .await;
        }
    }
}

#[tokio::test]
async fn totals_tell_nothing_of_rows_that_a_policy_hides() {
    let restricted = Restricted::new().await;
    let mut owner = restricted.database.session().await;
    let whole = expected::matrix("matrix");
    for (role, kind) in restricted.roles.iter().zip(Restricted::TYPES) {
        let mut session = restricted.database.session_as(role).await;
        let visible: Cells = whole
            .clone()
            .into_iter()
            .filter(|((customer_type, _), _)| customer_type == kind)
            .collect();
        assert_eq!(matrix(&mut session, "").await, visible);
        assert_eq!(
            matrix(&mut session, "since => '2019-10-04', until => '2020-02-11'").await,
            expected::matrix("matrix_2019_10_04_to_2020_02_11")
                .into_iter()
                .filter(|((customer_type, _), _)| customer_type == kind)
                .collect()
        );
        let total = expected::totals("matrix")[kind];
        let report = session
            .json("SELECT rapport.interactions_per_product_report()")
            .await;
        assert_eq!(report["total_interactions"], total);
        assert_eq!(report["data_quality"]["interactions"], total);
        // Those of the pages and of a single customer, as the owner counts them for this type.
        for (mine, whole) in [
            (
                "SELECT rapport.monthly_activity_report() - 'as_of'",
                format!("SELECT rapport.monthly_activity_report('{kind}') - 'as_of'"),
            ),
            (
                "SELECT rapport.topics_report() - 'as_of'",
                format!("SELECT rapport.topics_report(customer_type => '{kind}') - 'as_of'"),
            ),
            (
                "SELECT rapport.interaction_quality()",
                format!("SELECT rapport.interaction_quality('{kind}')"),
            ),
        ] {
            assert_eq!(
                session.json(mine).await,
                owner.json(&whole).await,
                "{mine} as {kind}"
            );
        }
        assert_eq!(
            session
                .number("SELECT sum(interactions) FROM rapport.interactions_per_type()")
                .await,
            total
        );
        assert_eq!(
            session.rows("SELECT * FROM rapport.customer_types()").await,
            owner
                .rows(&format!(
                    "SELECT * FROM rapport.customer_types() WHERE customer_type = '{kind}'"
                ))
                .await
        );
        for customer in owner
            .rows("SELECT customer_id, customer_type FROM crm.customers")
            .await
        {
            let statistics = format!(
                "SELECT total_interactions FROM rapport.customer_statistics({})",
                customer[0].as_ref().unwrap()
            );
            if customer[1].as_deref() == Some(kind) {
                assert_eq!(
                    session.rows(&statistics).await,
                    owner.rows(&statistics).await
                );
            } else {
                let report = statistics.replace(
                    "total_interactions FROM rapport.customer_statistics",
                    "rapport.customer_report",
                );
                assert_eq!(session.fault(&report).await.code, "P0002");
                assert_eq!(session.fault(&statistics).await.code, "P0002");
            }
        }
        // bi counts everything, so it is not for them, whatever they were granted.
        let views = owner
            .rows("SELECT c.oid::regclass FROM pg_class AS c WHERE relkind = 'v' AND relnamespace = 'bi'::regnamespace")
            .await;
        assert!(views.len() > 10);
        for view in views
            .iter()
            .map(|view| view[0].as_deref().unwrap())
            .chain(["crm.kept_customer_activity"])
        {
            let fault = session.fault(&format!("SELECT * FROM {view}")).await;
            assert_eq!(fault.code, "42501", "{view}");
            assert!(
                fault.hint.contains("rapport.interactions_per_product()"),
                "{fault:?}"
            );
        }
        for table in [
            "counts",
            "pending_counts",
            "customer_activity",
            "ledger_counts",
            "monthly_activity",
        ] {
            assert_eq!(
                session
                    .fault(&format!("SELECT * FROM stats.{table}"))
                    .await
                    .code,
                "42501"
            );
        }
        assert_eq!(
            session
                .fault("SELECT * FROM rapport.verify_stats()")
                .await
                .code,
            "42501"
        );
    }
    // Nor does a condition that is asked before the view.
    let mut session = restricted.database.session_as(&restricted.roles[0]).await;
    for view in ["interactions_per_product", "interactions_per_product_live"] {
        let fault = session
            .fault(&format!(
                "SELECT * FROM bi.{view} WHERE product::integer = 1"
            ))
            .await;
        assert_eq!(fault.code, "42501", "{view}");
    }
    // A dashboard that may see everything needs a role that no policy holds for.
    let dashboard = &restricted.roles[1];
    owner
        .execute(&format!(
            "REVOKE rapport_analyst FROM {dashboard}; GRANT rapport_bi TO {dashboard}"
        ))
        .await;
    let mut session = restricted.database.session_as(dashboard).await;
    let question = "SELECT sum(interactions) FROM bi.monthly_activity";
    assert_eq!(session.fault(question).await.code, "42501");
    owner
        .execute(&format!("ALTER ROLE {dashboard} BYPASSRLS"))
        .await;
    assert_eq!(session.number(question).await, 67);
    assert_eq!(
        session.fault("SELECT * FROM crm.interactions").await.code,
        "42501"
    );
    restricted.end().await;
}
