import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.JDBCType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a BI tool sees of a Rapport database through pgJDBC, as one JSON document on standard output.
 *
 * <p>It asks as such tools do: the driver's metadata for schemas, tables, columns and comments, then
 * every relation that the login may read, row by row; and it tries what a dashboard's login should be
 * refused. It judges nothing: a refusal is reported like an answer, with its SQLSTATE ("00000" is
 * success). Every transaction is rolled back.
 *
 * <p>{@code java -cp /usr/share/java/postgresql.jar tests/jdbc/BiContract.java} runs it, with the driver of
 * Debian's libpostgresql-jdbc-java. {@code RAPPORT_JDBC_URL}, {@code RAPPORT_JDBC_USER} and
 * {@code RAPPORT_JDBC_PASSWORD} say where and as whom; {@code RAPPORT_JDBC_SLEEP} (default 40) is the
 * length in seconds of a query that the login's own statement_timeout should end.
 *
 * <p>What fails and is not a probe, the connection to begin with, ends it with exit code 1.
 */
public final class BiContract {
    private static final String[] TYPES =
        {"TABLE", "PARTITIONED TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW"};
    private static final String USABLE_SCHEMAS = """
        SELECT nspname FROM pg_namespace WHERE has_schema_privilege(oid, 'USAGE')
        """;
    private static final String READABLE_RELATIONS = """
        SELECT n.nspname || '.' || c.relname
        FROM pg_class AS c
        INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
            AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
        """;
    private static final String SAMPLE = "SELECT * FROM bi.monthly_activity";
    private static final String WITH_PARAMETERS = """
        SELECT sum(interactions), min(month) FROM bi.monthly_activity WHERE month >= ? AND customer_type = ?
        """;
    private static final LocalDate SINCE = LocalDate.of(2020, 1, 1);
    private static final String CUSTOMER_TYPE = "Red";
    /** Enough for the driver to change over to a prepared statement of the server, and to binary values. */
    private static final int REPETITIONS = 10;
    /** Probes that are named after their text. */
    private static final String STATEMENTS = """
        SELECT * FROM rapport.interactions_per_product()
        SELECT rapport.summarize_customer(1)
        SELECT rapport.version()
        SELECT rapport.refresh_stats()
        SELECT stats.rebuild()
        CREATE TABLE bi.probe (n int)
        CREATE TABLE public.probe (n int)
        CREATE TEMPORARY TABLE probe (n int)
        CREATE VIEW bi.probe AS SELECT 1 AS n
        CREATE SCHEMA probe
        DROP VIEW bi.customer_overview
        """;

    private record Report(
        String driver, String server, String user, String statementTimeout,
        List<Schema> schemas, List<Relation> relations, List<Probe> probes) {}

    /** What the metadata list in a schema, and what of it the login may read. */
    private record Schema(String name, boolean isUsable, List<String> listed, List<String> readable) {}

    /** What getTables tells, which is the same whoever asks. */
    private record Listed(String schema, String name, String type, String remarks) {
        String plain() {
            return schema + "." + name;
        }

        String quoted() {
            return "\"%s\".\"%s\"".formatted(schema.replace("\"", "\"\""), name.replace("\"", "\"\""));
        }
    }

    /** A readable relation: as the metadata describe it, and as its rows were read. */
    private record Relation(
        String schema, String name, String type, String remarks, List<Grant> grants,
        List<Column> columns, List<ColumnType> resultTypes, long rows, Long interactions) {}

    private record Grant(String grantee, String privilege) {}
    private record Column(int ordinal, String remarks, ColumnType type) {}
    private record ColumnType(String name, String typeName, String jdbcType, int precision, int scale) {}

    private record Probe(String probe, String sqlState, String message, long milliseconds, Object value) {}
    private record CursorRead(int fetchSize, long rows, int openCursors) {}
    private record ParametersRead(LocalDate since, String customerType, int repetitions, Set<Answer> answers) {}
    private record Answer(long interactions, String firstMonth) {}

    private interface Attempt {
        Object run() throws SQLException;
    }

    private interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final Connection connection;

    private BiContract(Connection connection) {
        this.connection = connection;
    }

    public static void main(String[] arguments) throws SQLException {
        var sleep = Double.parseDouble(System.getenv().getOrDefault("RAPPORT_JDBC_SLEEP", "40"));
        try (var connection = DriverManager.getConnection(
                setting("RAPPORT_JDBC_URL"), setting("RAPPORT_JDBC_USER"), setting("RAPPORT_JDBC_PASSWORD"))) {
            connection.setAutoCommit(false);
            var report = new BiContract(connection).report(sleep);
            System.out.writeBytes((Json.of(report) + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String setting(String name) {
        return Objects.requireNonNull(System.getenv(name), name + " is not set");
    }

    private Report report(double sleep) throws SQLException {
        var metadata = connection.getMetaData();
        var listed = rows(metadata.getTables(connection.getCatalog(), null, "%", TYPES), row -> new Listed(
                row.getString("TABLE_SCHEM"), row.getString("TABLE_NAME"), row.getString("TABLE_TYPE"),
                row.getString("REMARKS")))
            .stream().filter(relation -> !isSystem(relation.schema())).toList();
        var names = Set.copyOf(strings(READABLE_RELATIONS));
        var readable = listed.stream().filter(relation -> names.contains(relation.plain())).toList();
        var unreadable = listed.stream().filter(relation -> !names.contains(relation.plain())).toList();

        var relations = new ArrayList<Relation>();
        for (var relation : readable) {
            relations.add(describe(relation));
        }
        return new Report(
            metadata.getDriverVersion(), metadata.getDatabaseProductVersion(), metadata.getUserName(),
            strings("SHOW statement_timeout").get(0), schemas(listed, readable), relations,
            probes(readable, unreadable, sleep));
    }

    private List<Schema> schemas(List<Listed> listed, List<Listed> readable) throws SQLException {
        var usable = Set.copyOf(strings(USABLE_SCHEMAS));
        return rows(connection.getMetaData().getSchemas(), row -> row.getString("TABLE_SCHEM")).stream()
            .filter(name -> !isSystem(name))
            .map(name -> new Schema(name, usable.contains(name), namesIn(name, listed), namesIn(name, readable)))
            .toList();
    }

    private static List<String> namesIn(String schema, List<Listed> relations) {
        return relations.stream().filter(relation -> relation.schema().equals(schema)).map(Listed::name).toList();
    }

    private static boolean isSystem(String schema) {
        return schema.startsWith("pg_") || schema.equals("information_schema");
    }

    private Relation describe(Listed relation) throws SQLException {
        var metadata = connection.getMetaData();
        var schema = pattern(relation.schema());
        var name = pattern(relation.name());
        var grants = rows(metadata.getTablePrivileges(null, schema, name),
            row -> new Grant(row.getString("GRANTEE"), row.getString("PRIVILEGE")));
        var columns = rows(metadata.getColumns(null, schema, name, "%"), row -> new Column(
            row.getInt("ORDINAL_POSITION"), row.getString("REMARKS"), new ColumnType(
                row.getString("COLUMN_NAME"), row.getString("TYPE_NAME"), jdbcType(row.getInt("DATA_TYPE")),
                row.getInt("COLUMN_SIZE"), row.getInt("DECIMAL_DIGITS"))));
        try (var statement = connection.createStatement();
             var result = statement.executeQuery("SELECT * FROM " + relation.quoted())) {
            var types = resultTypes(result);
            var counted = types.stream().map(ColumnType::name).toList().indexOf("interactions") + 1;
            var rows = 0L;
            var interactions = 0L;
            for (; result.next(); rows++) {
                for (var index = 1; index <= types.size(); index++) {
                    result.getObject(index);
                }
                interactions += counted > 0 ? result.getLong(counted) : 0;
            }
            return new Relation(
                relation.schema(), relation.name(), relation.type(), relation.remarks(), grants, columns, types,
                rows, counted > 0 ? interactions : null);
        }
    }

    private static List<ColumnType> resultTypes(ResultSet result) throws SQLException {
        var metadata = result.getMetaData();
        var types = new ArrayList<ColumnType>();
        for (var index = 1; index <= metadata.getColumnCount(); index++) {
            types.add(new ColumnType(
                metadata.getColumnName(index), metadata.getColumnTypeName(index),
                jdbcType(metadata.getColumnType(index)), metadata.getPrecision(index), metadata.getScale(index)));
        }
        return types;
    }

    private static String jdbcType(int code) {
        return JDBCType.valueOf(code).getName();
    }

    /** A metadata pattern that matches this name alone. */
    private String pattern(String name) throws SQLException {
        var escape = connection.getMetaData().getSearchStringEscape();
        return name.replace(escape, escape + escape).replace("_", escape + "_").replace("%", escape + "%");
    }

    private List<Probe> probes(List<Listed> readable, List<Listed> unreadable, double sleep) throws SQLException {
        var probes = new ArrayList<Probe>();
        for (var relation : unreadable) {
            probes.add(probe("read " + relation.plain(), () -> run("SELECT FROM " + relation.quoted() + " LIMIT 1")));
        }
        for (var view : readable.stream().filter(relation -> relation.schema().equals("bi")).toList()) {
            probes.add(probe("insert into " + view.plain(),
                () -> run("INSERT INTO " + view.quoted() + " DEFAULT VALUES")));
            probes.add(probe("delete from " + view.plain(), () -> run("DELETE FROM " + view.quoted())));
        }
        for (var sql : STATEMENTS.lines().toList()) {
            probes.add(probe(sql, () -> run(sql)));
        }
        probes.add(probe("cursor", () -> readWithCursor(10)));
        probes.add(probe("max_rows", () -> readAtMost(3)));
        probes.add(probe("java.sql.Date parameter", () -> readWithParameters(Date.valueOf(SINCE))));
        probes.add(probe("LocalDate parameter", () -> readWithParameters(SINCE)));
        connection.setReadOnly(true);
        probes.add(probe("read_only read", () -> run(SAMPLE)));
        probes.add(probe("read_only write", () -> run("CREATE TEMPORARY TABLE probe (n int)")));
        connection.setReadOnly(false);
        probes.add(probe("query_timeout", () -> {
            run("SET LOCAL statement_timeout = 0"); // so that only the driver can end the query
            return run("SELECT pg_sleep(30)", 1);
        }));
        probes.add(probe("statement_timeout", () -> run("SELECT pg_sleep(" + sleep + ")")));
        return probes;
    }

    /** Tries it in a transaction of its own. */
    private Probe probe(String name, Attempt attempt) throws SQLException {
        connection.rollback();
        var start = System.nanoTime();
        var sqlState = "00000";
        String message = null;
        Object value = null;
        try {
            value = attempt.run();
        } catch (SQLException refused) {
            sqlState = refused.getSQLState();
            message = refused.getMessage();
        }
        var milliseconds = (System.nanoTime() - start) / 1_000_000;
        connection.rollback();
        return new Probe(name, sqlState, message, milliseconds, value);
    }

    private CursorRead readWithCursor(int fetchSize) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.setFetchSize(fetchSize);
            var result = statement.executeQuery(SAMPLE);
            var openCursors = strings("SELECT name FROM pg_cursors WHERE name <> ''").size();
            return new CursorRead(fetchSize, rows(result, ResultSet::getRow).size(), openCursors);
        }
    }

    private int readAtMost(int limit) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.setMaxRows(limit);
            return rows(statement.executeQuery(SAMPLE), ResultSet::getRow).size();
        }
    }

    private ParametersRead readWithParameters(Object since) throws SQLException {
        var answers = new LinkedHashSet<Answer>();
        try (var statement = connection.prepareStatement(WITH_PARAMETERS)) {
            for (var repetition = 0; repetition < REPETITIONS; repetition++) {
                statement.setObject(1, since);
                statement.setString(2, CUSTOMER_TYPE);
                answers.addAll(rows(statement.executeQuery(), row -> new Answer(
                    row.getLong(1), String.valueOf(row.getObject(2, since.getClass())))));
            }
        }
        return new ParametersRead(SINCE, CUSTOMER_TYPE, REPETITIONS, answers);
    }

    private Void run(String sql) throws SQLException {
        return run(sql, 0);
    }

    private Void run(String sql, int queryTimeout) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.setQueryTimeout(queryTimeout);
            statement.execute(sql);
            return null;
        }
    }

    private List<String> strings(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            return rows(statement.executeQuery(sql), row -> row.getString(1));
        }
    }

    private static <T> List<T> rows(ResultSet result, RowReader<T> reader) throws SQLException {
        try (result) {
            var rows = new ArrayList<T>();
            while (result.next()) {
                rows.add(reader.read(result));
            }
            return rows;
        }
    }

    /** Writes numbers, texts, collections and records; the names of a record's fields in snake case. */
    private static final class Json {
        static String of(Object value) {
            if (value == null || value instanceof Number || value instanceof Boolean) {
                return String.valueOf(value);
            }
            if (value instanceof Collection<?> items) {
                return items.stream().map(Json::of).collect(Collectors.joining(",", "[", "]"));
            }
            if (value instanceof Record) {
                return Stream.of(value.getClass().getRecordComponents())
                    .map(component -> field(value, component)).collect(Collectors.joining(",", "{", "}"));
            }
            return string(value.toString());
        }

        private static String field(Object owner, RecordComponent component) {
            var name = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
            try {
                return string(name) + ":" + of(component.getAccessor().invoke(owner));
            } catch (ReflectiveOperationException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        private static String string(String text) {
            return text.chars()
                .mapToObj(character -> switch (character) {
                    case '"', '\\' -> "\\" + (char) character;
                    default -> character < ' ' ? "\\u%04x".formatted(character) : String.valueOf((char) character);
                })
                .collect(Collectors.joining("", "\"", "\""));
        }
    }
}
