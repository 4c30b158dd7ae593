/*
 * column_record.java - records what Spark does with scalars into tests/unit/column_*.inc.
 *
 *     java -cp "$(python3 -c 'import pyspark; print(pyspark.__path__[0])')/jars/*" \
 *         tests/unit/column_record.java tests/unit
 *
 * Needs Java 17 (number texts differ in later versions) and Spark 4.3. The inputs are the lists
 * below and seeded mutations of them; the answers are Spark's own functions. The C tests beside
 * this file include the tables. Nothing here is compiled into Forebay.
 */
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.catalyst.expressions.*;
import org.apache.spark.sql.catalyst.util.*;
import org.apache.spark.sql.types.*;
import org.apache.spark.unsafe.types.CalendarInterval;
import org.apache.spark.unsafe.types.UTF8String;

class ColumnRecord {
    interface Call {
        Object run() throws Throwable;
    }

    static String dir;
    static PrintStream out;

    static void open(String name) throws Exception {
        out = new PrintStream(dir + "/column_" + name + ".inc", "UTF-8");
        out.println("/* Recorded from Spark 4.3.0 on Java 17 by column_record.java; do not edit. */");
        out.println("/* clang-format off */");
    }

    static void close() {
        out.println("/* clang-format on */");
        out.close();
    }

    static void table(String decl) {
        out.println("static const " + decl + " = {");
    }

    static void end() {
        out.println("};");
    }

    /* A C string literal. */
    static String c(String s) {
        StringBuilder b = new StringBuilder("\"");
        for (byte x : s.getBytes(StandardCharsets.UTF_8)) {
            int v = x & 255;
            if (v == '"' || v == '\\') {
                b.append('\\').append((char) v);
            } else if (v < 32 || v > 126 || v == '?') {
                b.append(String.format("\\%03o", v));
            } else {
                b.append((char) v);
            }
        }
        return b.append('"').toString();
    }

    /* Literal and length: texts may hold NUL. */
    static String cn(String s) {
        return c(s) + ", " + s.getBytes(StandardCharsets.UTF_8).length;
    }

    static String text(Call f) {
        try {
            Object x = f.run();
            return x == null || x instanceof Throwable ? null : x.toString();
        } catch (Throwable e) {
            return null;
        }
    }

    static String value(Call f) {
        String s = text(f);
        return s == null ? "NULL" : c(s);
    }

    /* "ok", or condition and parameters. */
    static String outcome(Call f) {
        try {
            Object x = f.run();
            if (x instanceof Throwable) {
                throw (Throwable) x;
            }
            return "ok";
        } catch (Throwable e) {
            if (e instanceof SparkThrowable && ((SparkThrowable) e).getCondition() != null) {
                StringBuilder b = new StringBuilder(((SparkThrowable) e).getCondition());
                new TreeMap<>(((SparkThrowable) e).getMessageParameters())
                    .forEach((k, v) -> b.append(';').append(k).append('=').append(v));
                return b.toString();
            }
            return e.getClass().getSimpleName();
        }
    }

    static Object cast(Object v, DataType from, DataType to, boolean ansi) {
        Object in = v instanceof String ? UTF8String.fromString((String) v) : v;
        Cast e = new Cast(new Literal(in, from), to, scala.Option.apply("UTC"),
            ansi ? EvalMode.ANSI() : EvalMode.LEGACY());
        try {
            return e.eval(null);
        } catch (Exception x) {
            return x;
        }
    }

    static Object castText(String s, DataType to, boolean ansi) {
        return cast(s, DataTypes.StringType, to, ansi);
    }

    static List<String> mutate(String[] seeds, String alphabet, int n, long seed) {
        Random r = new Random(seed);
        List<String> all = new ArrayList<>(List.of(seeds));
        for (int i = 0; i < n; i++) {
            StringBuilder b = new StringBuilder(seeds[r.nextInt(seeds.length)]);
            for (int j = r.nextInt(2); j < 2; j++) {
                int p = r.nextInt(b.length() + 1);
                char ch = alphabet.charAt(r.nextInt(alphabet.length()));
                int what = p == b.length() ? 0 : r.nextInt(3);
                if (what == 0) {
                    b.insert(p, ch);
                } else if (what == 1) {
                    b.deleteCharAt(p);
                } else {
                    b.setCharAt(p, ch);
                }
            }
            all.add(b.toString());
        }
        return all;
    }

    /* ---- numbers ---- */

    static final String[] NUMBERS = {"0", "1", "-1", "+7", "1.5", "  12  ", "9223372036854775807",
        "-9223372036854775808", "9223372036854775808", "2147483647", "-2147483648", "2147483648",
        "127", "128", "-128", "32768", ".5", "5.", ".", "-.", "", "-", "+", "1e3", "1E-3",
        "1.0e+10", "1e400", "1e-400", "4.9e-324", "2.4703282292062327208299e-324",
        "2.4703282292062328e-324", "1.7976931348623157e308", "1.7976931348623159e308",
        "9007199254740993", "9007199254740992.5",
        "9007199254740993.00000000000000000000000000000000000000000001", "NaN", "nan", "NAN",
        "+NaN", "-NaN", "Infinity", "-Infinity", "+Infinity", "inf", "INF", "-inf", "+inf", "+nan",
        "infinity", "1d", "1f", "1D", "1F", "1L", "0x1p3", "0x1.8p1", "0x.8p-2", "-0x1P+3f", "0x1",
        "0x1.fffffffffffff7p0", "0x1.fffffffffffff8p0", "0x1.000000000000080001p0",
        "0x0.0000000000001p-1022", "0x0.00000000000008p-1022", "0x1p-1075", "0x1.8p-1075",
        "0x1p1024", "true", "t", "false", "F", "yes", "no", "Y", "N", "TRUE ", "1,000", "1_000",
        "00012", "-0", "-0.0", "123456789012345678901234567890",
        "0.1234567890123456789012345678901234567890", "3.4028235e38", "3.4028236e38", "1.4e-45",
        "7.0064923216240853e-46", "7.0064923216240854e-46", "16777217", "16777217.0000001", "8.5",
        "1e", "1e+", "e5", "1e5.5", "1..2", "--1", "+-1", "1 2", "12a", "\u00a0 1", "\t1\n",
        "\u00001", "1\u007f", "\u00851", "99999999999999999999.99", "1e23", "8.41E21", "5e-324",
        "1e22", "1e-22", "123456789e-15", "0e999999999999", "1e99999999999999999999",
        "1e-99999999999999999999"};

    static final double[] DOUBLES = {0.0, -0.0, 1, -1, 0.1, 100, 1e6, 9999999, 1e7, 12345678, 1e10,
        0.001, 0.00099999, 2e-3, 1e-5, 123456.789, 1e21, 1e22, 1e23, 2e23, 8.41e21,
        9007199254740993.0, 144115188075855872.0, 9223372036854775807.0, 4611686018427387904.0,
        5.684341886080802E-14, Double.MIN_VALUE, 2 * Double.MIN_VALUE, 20 * Double.MIN_VALUE,
        Double.MIN_NORMAL, Double.MAX_VALUE, Double.NaN, Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY, Math.PI, Math.E, 2.3140760669999993E25, 3.4789043985950683E25,
        1.0 / 3, 2.0 / 3, 19.99, 4.35, 1e-323};

    static String bits(Object x) {
        if (x instanceof Double) {
            return String.format("true, 0x%016XULL", Double.doubleToLongBits((Double) x));
        }
        if (x instanceof Float) {
            return String.format("true, 0x%08XU", Float.floatToIntBits((Float) x));
        }
        return "false, 0";
    }

    static void numbers() throws Exception {
        open("number");
        DataType[] types = {DataTypes.LongType, DataTypes.IntegerType, DataTypes.ShortType,
            DataTypes.ByteType, DataTypes.BooleanType};
        table("ParseRow parse_rows[]");
        for (String s : mutate(NUMBERS, "0123456789.eE+-xpdfnNI \t", 150, 1)) {
            StringBuilder b = new StringBuilder("{" + cn(s));
            b.append(", ").append(value(() -> castText(s, DataTypes.LongType, true)));
            for (DataType t : types) {
                b.append(", ").append(value(() -> castText(s, t, false)));
            }
            b.append(", ").append(bits(castText(s, DataTypes.DoubleType, false)));
            b.append(", ").append(bits(castText(s, DataTypes.FloatType, false)));
            out.println(b + "},");
        }
        end();
        Random r = new Random(2);
        table("Format64Row format64_rows[]");
        for (int i = 0; i < DOUBLES.length + 300; i++) {
            double d = i < DOUBLES.length ? DOUBLES[i]
                : i % 4 == 0 ? Double.longBitsToDouble(r.nextLong())
                : i % 4 == 1 ? Math.scalb(1 + r.nextInt(8) / 8.0, r.nextInt(600) - 300)
                : i % 4 == 2 ? r.nextInt(10000000) / 1000.0
                : r.nextInt(1000) * Math.pow(10, r.nextInt(60) - 30);
            if (!Double.isNaN(d)) {
                out.printf("{0x%016XULL, %s},%n", Double.doubleToRawLongBits(d), c("" + d));
            }
        }
        end();
        table("Format32Row format32_rows[]");
        for (int i = 0; i < 200; i++) {
            float f = i < DOUBLES.length ? (float) DOUBLES[i]
                : i % 3 == 0 ? Float.intBitsToFloat(r.nextInt())
                : i % 3 == 1 ? Math.scalb(1f, r.nextInt(270) - 140)
                : r.nextInt(100000) / 100f;
            if (!Float.isNaN(f)) {
                out.printf("{0x%08XU, %s},%n", Float.floatToRawIntBits(f), c("" + f));
            }
        }
        end();
        close();
    }

    /* ---- decimals ---- */

    static final String[] DECIMALS = {"1", "1.5", "-1.5", "1.005", "0", "0.0", "-0", "1e3", "1E-3",
        "1e38", "1e37", "1e39", "12345678901234567890123456789012345678",
        "123456789012345678901234567890123456789", "0.00000000000000000000000000000000000001",
        "0.5", "0.4999", "9.995", "99999.995", "99999.994999", "abc", "", " 12 ", "1_0", "1.", ".",
        ".5", "+3", "+-3", "1e", "1e+2", "1e+", "1e2147483647", "1e2147483648", "1e-2147483648",
        "0e50", "0e-50", "1d", "NaN", "0x10", "1,5", "\u00a01", "1\n", "000.100", "5e-39",
        "9e99999999999"};

    static BigInteger digits(Random r, int p) {
        BigInteger v = new BigInteger(130, r).mod(BigInteger.TEN.pow(1 + r.nextInt(p)));
        return r.nextBoolean() ? v : v.negate();
    }

    static Object unscaled(Object d) {
        return d instanceof Decimal ? ((Decimal) d).toJavaBigDecimal().unscaledValue() : null;
    }

    static void decimals() throws Exception {
        open("decimal");
        Random r = new Random(3);
        table("ParseRow parse_rows[]");
        for (String s : mutate(DECIMALS, "0123456789.eE+- ", 150, 4)) {
            int p = 1 + r.nextInt(38), sc = r.nextInt(p + 1);
            DecimalType t = new DecimalType(p, sc);
            String o = outcome(() -> castText(s, t, true));
            out.println("{" + cn(s) + ", " + p + ", " + sc + ", "
                + value(() -> unscaled(castText(s, t, false))) + ", "
                + c(o.split(";")[0]) + "},");
        }
        end();
        table("OpRow op_rows[]");
        for (int i = 0; i < 150; i++) {
            int p1 = i % 3 == 0 ? 38 : 1 + r.nextInt(38), p2 = i % 3 == 0 ? 38 : 1 + r.nextInt(38);
            int s1 = r.nextInt(p1 + 1), s2 = r.nextInt(p2 + 1);
            BigDecimal x = new BigDecimal(digits(r, p1), s1), y = new BigDecimal(digits(r, p2), s2);
            Literal a = new Literal(Decimal.apply(x, p1, s1), new DecimalType(p1, s1));
            Literal b = new Literal(Decimal.apply(y, p2, s2), new DecimalType(p2, s2));
            out.print("{" + p1 + ", " + s1 + ", " + p2 + ", " + s2 + ", " + c("" + x.unscaledValue())
                + ", " + c("" + y.unscaledValue()) + ", " + x.compareTo(y) + ", {");
            Expression[] es = {new Add(a, b), new Subtract(a, b), new Multiply(a, b),
                new Divide(a, b), new Remainder(a, b)};
            for (Expression e : es) {
                DecimalType t = (DecimalType) e.dataType();
                out.print("{" + t.precision() + ", " + t.scale() + ", "
                    + value(() -> unscaled(e.eval(null))) + "}, ");
            }
            out.println("}, " + value(() -> new IntegralDivide(a, b).eval(null)) + "},");
        }
        end();
        table("CastRow cast_rows[]");
        for (int i = 0; i < 120; i++) {
            int p = 1 + r.nextInt(38), s = r.nextInt(p + 1), q = 1 + r.nextInt(38),
                t = r.nextInt(q + 1);
            BigDecimal x = new BigDecimal(digits(r, p), s);
            Decimal d = Decimal.apply(x, p, s);
            DecimalType from = new DecimalType(p, s), to = new DecimalType(q, t);
            StringBuilder hex = new StringBuilder();
            for (byte v : x.unscaledValue().toByteArray()) {
                hex.append(String.format("%02x", v));
            }
            out.println("{" + p + ", " + s + ", " + c("" + x.unscaledValue()) + ", " + q + ", " + t
                + ", " + value(() -> unscaled(cast(d, from, to, false)))
                + ", " + value(() -> unscaled(d.toPrecision(q, t, Decimal.ROUND_HALF_EVEN(), true, null)))
                + ", " + value(() -> unscaled(d.toPrecision(q, t, Decimal.ROUND_FLOOR(), true, null)))
                + ", " + value(() -> unscaled(d.toPrecision(q, t, Decimal.ROUND_CEILING(), true, null)))
                + ", " + value(() -> cast(d, from, DataTypes.StringType, true))
                + ", " + value(() -> cast(d, from, DataTypes.StringType, false))
                + ", " + c(hex.toString())
                + String.format(", 0x%016XULL", Double.doubleToRawLongBits(
                    (Double) cast(d, from, DataTypes.DoubleType, false)))
                + ", " + value(() -> cast(d, from, DataTypes.LongType, false)) + "},");
        }
        end();
        table("DoubleRow double_rows[]");
        for (int i = 0; i < 100; i++) {
            int p = 1 + r.nextInt(38), s = r.nextInt(p + 1);
            double d = i < DOUBLES.length ? DOUBLES[i]
                : i % 2 == 0 ? r.nextInt(1000000) / 1000.0 : Double.longBitsToDouble(r.nextLong());
            out.println(String.format("{0x%016XULL, ", Double.doubleToLongBits(d)) + p + ", " + s
                + ", " + value(() -> unscaled(cast(d, DataTypes.DoubleType, new DecimalType(p, s), false)))
                + "},");
        }
        end();
        close();
    }

    /* ---- dates and timestamps ---- */

    static final String[] ZONES = {"UTC", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata",
        "+05:30", "Pacific/Apia", "America/Sao_Paulo", "America/Toronto"};

    static final String[] TIMES = {"2024-02-29", "2023-02-29", "2024-1-1", "2024", "2024-7",
        "2024-07-", "24-01-01", "12345-06-07", "1234567-01-01", "12345678-01-01", "-2024-01-01",
        "+2024-01-01", "-0001-01-01", "0000-01-01", "0001-01-01", "2024-01-01T", "2024-01-01 ",
        "2024-01-01Tanything", "2024-01-01x", "2024-01T", "2024T", "  2024-01-01  ", "2024-13-01",
        "2024-00-01", "2024-04-31", "2024-01-01 10", "2024-01-01 10:", "2024-01-01 10:20",
        "2024-01-01 10:20:30", "2024-01-01T10:20:30", "2024-01-01T10:20:30Z",
        "2024-01-01T10:20:30.1", "2024-01-01T10:20:30.", "2024-01-01T10:20:30.123456",
        "2024-01-01T10:20:30.123456789", "2024-01-01T10:20:30.123456789Z",
        "2024-01-01T10:20:30+01:00", "2024-01-01T10:20:30+1:2", "2024-01-01T10:20:30 +1:2",
        "2024-01-01T10:20:30.5 UTC+3", "2024-01-01T10:20:30.5UTC",
        "2024-01-01T10:20:30.5 Europe/Paris", "2024-01-01 10:20:30 PST", "2024-01-01 10:20:30 EST",
        "2024-01-01 10:20:30 GMT-01:30", "2024-01-01 10:20 Z", "2024-01-01 10:20Z", "2024-01-01Z",
        "2024-01-01T10:20:30. Z", "2024-01-01 24:00:00", "2024-01-01 23:59:60",
        "2024-01-01 1:2:3", "2024-03-31 02:30:00", "2024-10-27 02:30:00", "2024-03-10 02:30:00",
        "2024-11-03 01:30:00", "294247-01-10T04:00:54.775807Z", "294247-01-10T04:00:54.775808Z",
        "-290308-12-21T19:59:05.224192Z", "-290308-12-21T19:59:05.224191Z", "300000-01-01 00:00:00",
        "2024-01-01T10:20:30+18:00", "2024-01-01T10:20:30+18:01", "2024-01-01T10:20:30-0130",
        "2024-01-01T10:20:30+01", "2024-01-01T10:20:30+01:02:03", "2024-01-01T10:20:30z",
        "2024-01-01  10:20:30", "2024/01/01", "20240101", "", "   ", "now", "2024-1-1 1:1:1.1",
        "1582-10-10", "1900-01-01 00:00:00", "1883-11-18 12:03:00", "2011-12-30 10:00:00",
        "2024-01-01T10:20:30UT+1", "2024-01-01T10:20:30GMT0", "2024-01-01T10:20:30:40"};

    static long someTime(Random r, ZoneId z) {
        var transitions = z.getRules().getTransitions();
        if (r.nextBoolean() && !transitions.isEmpty()) {
            long t = transitions.get(r.nextInt(transitions.size())).toEpochSecond();
            return t * 1000000 + r.nextLong() % (3L * 3600 * 1000000);
        }
        return (long) (r.nextDouble() * 4e15 - 1e15);
    }

    static Object get(scala.Option<?> x) {
        return x.isEmpty() ? null : x.get();
    }

    static void datetimes() throws Exception {
        var du = DateTimeUtils$.MODULE$;
        open("datetime");
        Random r = new Random(5);
        table("ParseRow parse_rows[]");
        for (String s : mutate(TIMES, "0123456789-+:. TZ", 150, 6)) {
            String z = ZONES[r.nextInt(ZONES.length)];
            UTF8String u = UTF8String.fromString(s);
            if (s.trim().matches("T?\\d*:.*|T.*")) {
                continue; /* a time only takes today's date */
            }
            out.println("{" + cn(s) + ", " + c(z) + ", " + value(() -> get(du.stringToDate(u))) + ", "
                + value(() -> get(du.stringToTimestamp(u, ZoneId.of(z)))) + ", "
                + value(() -> get(du.stringToTimestampWithoutTimeZone(u, true))) + ", "
                + value(() -> get(du.stringToTimestampWithoutTimeZone(u, false))) + "},");
        }
        end();
        table("FormatRow format_rows[]");
        long[] special = {0, -1, 1, 253402300799999999L, 253402300800000000L, -62135596800000000L,
            -62135596800000001L, -62167219200000000L, -62167219200000001L, Long.MAX_VALUE,
            Long.MIN_VALUE, 1709209845100000L, 1709209845000010L};
        for (int i = 0; i < special.length + 80; i++) {
            String z = ZONES[r.nextInt(ZONES.length)];
            long us = i < special.length ? special[i] : someTime(r, ZoneId.of(z));
            int d = i == 5 ? Integer.MAX_VALUE : i == 6 ? Integer.MIN_VALUE
                : (int) Math.floorDiv(us, 86400000000L);
            out.println("{" + c(z) + ", " + c("" + us) + ", "
                + c(TimestampFormatter$.MODULE$.getFractionFormatter(ZoneId.of(z)).format(us)) + ", "
                + c("" + d) + ", " + c(DateFormatter.apply().format(d)) + "},");
        }
        end();
        String[] units = {"MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK",
            "MONTH", "QUARTER", "YEAR"};
        table("MathRow math_rows[]");
        for (int i = 0; i < 200; i++) {
            String z = ZONES[r.nextInt(ZONES.length)];
            ZoneId zi = ZoneId.of(z);
            long us = someTime(r, zi), us2 = us + r.nextLong() % (1L << (20 + r.nextInt(36)));
            long add = r.nextLong() % (1L << (20 + r.nextInt(30)));
            int d = (int) Math.floorDiv(us, 86400000000L), m = r.nextInt(400) - 200,
                k = r.nextInt(4000) - 2000, unit = r.nextInt(10);
            Call[] calls = {() -> du.getYear(d), () -> du.getWeekBasedYear(d),
                () -> du.getQuarter(d), () -> du.getMonth(d), () -> du.getWeekOfYear(d),
                () -> du.getDayOfMonth(d), () -> du.getDayOfWeek(d), () -> du.getWeekDay(d),
                () -> du.getDayInYear(d), () -> du.getHours(us, zi), () -> du.getMinutes(us, zi),
                () -> du.getSeconds(us, zi), () -> du.getMicroseconds(us, zi),
                () -> du.microsToDays(us, zi), () -> du.daysToMicros(d, zi),
                () -> du.dateAddMonths(d, m), () -> du.getLastDayOfMonth(d),
                () -> du.getNextDateForDayOfWeek(d, unit % 7),
                () -> du.truncDate(d, Math.max(unit, 6)), () -> du.truncTimestamp(us, unit, zi),
                () -> du.timestampAddMonths(us, m, zi),
                () -> du.timestampAddInterval(us, m, k, add, zi),
                () -> du.timestampAddDayTime(us, add, zi),
                () -> Double.doubleToRawLongBits(du.monthsBetween(us, us2, true, zi)),
                () -> Double.doubleToRawLongBits(du.monthsBetween(us, us2, false, zi)),
                () -> du.timestampAdd(units[unit], (long) k, us, zi),
                () -> du.timestampDiff(units[unit], us, us2, zi),
                () -> du.convertTz(us, zi, ZoneId.of("Europe/London")),
                () -> du.dateAddInterval(d, new CalendarInterval(m, k, 0))};
            StringBuilder b = new StringBuilder("{" + c(z) + ", " + us + "LL, " + us2 + "LL, " + add
                + "LL, " + d + ", " + m + ", " + k + ", " + unit + ", {");
            for (Call f : calls) {
                b.append(value(f)).append(", ");
            }
            out.println(b + "}},");
        }
        end();
        close();
    }

    /* ---- zones ---- */

    static void zones() throws Exception {
        open("timezone");
        String[] names = {"UTC", "utc", "GMT", "UT", "UTC+1", "UTC+01", "UTC+1:2", "UTC+01:02:03",
            "GMT-3", "UT+1", "UTC0", "GMT0", "Z", "z", "+1", "+01", "+0130", "+01:30", "+1:30",
            "+1:3", "-18", "-18:00", "-18:01", "+19", "EST", "HST", "MST", "PST", "CST", "BST",
            "IST", "JST", "Europe/Paris", "europe/paris", "America/Argentina/Buenos_Aires",
            "Etc/GMT+5", "GMT+0", "GMT-0", "UTC-0", "ROC", "Factory", "posixrules", "right/UTC", "",
            "U", "+", "GB", "EST5EDT", "MET", "+01:02:03", "+010203", "+1:02:03", "XYZ",
            "US/Pacific", "Universal", "Zulu", "+00:00", "-00:00", "GMT+00:00", "Europe//Paris",
            "../etc/passwd", "Europe/", "+1:", "A", "Africa/Accra"};
        table("IdRow id_rows[]");
        for (String s : names) {
            out.println("{" + c(s) + ", " + value(() -> DateTimeUtils$.MODULE$.getZoneId(s).getId())
                + "},");
        }
        end();
        String[] ids = {"America/Los_Angeles", "Europe/Berlin", "Europe/Dublin", "Pacific/Apia",
            "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kolkata", "Australia/Lord_Howe",
            "America/Toronto", "Africa/Accra", "WET", "Africa/Cairo", "Asia/Jerusalem",
            "America/Santiago", "America/Nuuk"};
        Random r = new Random(7);
        table("OffsetRow offset_rows[]");
        for (String id : ids) {
            ZoneId z = ZoneId.of(id);
            List<Long> at = new ArrayList<>();
            var all = z.getRules().getTransitions();
            for (int i = 0; i < 4 && !all.isEmpty(); i++) {
                at.add(all.get(r.nextInt(all.size())).toEpochSecond());
            }
            long[] later = {2145916800L, 4102444800L, 17000000000L, 200000000000L};
            for (long from : later) {
                var t = z.getRules().nextTransition(java.time.Instant.ofEpochSecond(from));
                at.add(t == null ? from : t.toEpochSecond());
            }
            at.add(-5000000000L);
            for (long t : at) {
                for (long d : new long[]{-1, 0, -1800, 1800}) {
                    long s = t + d;
                    var instant = java.time.Instant.ofEpochSecond(s);
                    int off = z.getRules().getOffset(instant).getTotalSeconds();
                    long local = s + z.getRules().getOffset(instant.minusSeconds(7200)).getTotalSeconds();
                    long back = LocalDateTime.ofEpochSecond(local, 0, ZoneOffset.UTC).atZone(z).toEpochSecond();
                    out.println("{" + c(id) + ", " + s + "LL, " + off + ", " + local + "LL, " + back
                        + "LL, " + z.getRules().isDaylightSavings(instant) + "},");
                }
            }
        }
        end();
        close();
    }

    /* ---- patterns ---- */

    static final String[] PATTERNS = {"yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", "yyyy-MM-dd'T'HH:mm:ss[.SSS]", "dd/MM/yyyy",
        "MM/dd/yyyy HH:mm", "yyyyMMdd", "yyyyMMddHHmmss", "yyyyMMddHHmmssSSS", "MMM d, yyyy",
        "d MMMM yyyy", "EEE, d MMM yyyy HH:mm:ss Z", "EEEE", "hh:mm a", "h:mm:ss a", "KK:mm a",
        "kk:mm", "yyyy-DDD", "yyyy-D", "yy-M-d", "y", "yyy", "yyyy", "G yyyy-MM-dd", "GGGG y",
        "yyyy-MM-dd HH:mm:ss.SSSSSS", "yyyy-MM-dd HH:mm:ss.SSSSSSSSS", "yyyy-MM-dd HH:mm:ss.S",
        "HH:mm", "mm:ss", "yyyy-MM-dd HH:mm:ss VV", "yyyy-MM-dd HH:mm:ss z",
        "yyyy-MM-dd HH:mm:ss zzzz", "yyyy-MM-dd HH:mm:ss O", "yyyy-MM-dd HH:mm:ss OOOO",
        "yyyy-MM-dd HH:mm:ss X", "yyyy-MM-dd HH:mm:ssXX", "yyyy-MM-dd HH:mm:ssXXX",
        "yyyy-MM-dd HH:mm:ssXXXX", "yyyy-MM-dd HH:mm:ssXXXXX", "HH:mm:ssx", "HH:mm:ssxx",
        "HH:mm:ssxxx", "HH:mm:ss Z", "HH:mm:ss ZZZZ", "HH:mm:ss ZZZZZ", "Q", "QQ", "QQQ", "QQQQ",
        "q", "qqqq", "M", "MM", "LLL", "LLLL", "F", "d", "a", "'T'HH", "''yyyy''", "yyyy'-'MM",
        "'it''s' yyyy", "[yyyy][-MM][-dd]", "yyyy[-MM[-dd[ HH[:mm[:ss[.SSS]]]]]]", "[EEE]",
        "SSS", "Hmm", "dMyyyy", "ddMMMyyyy", "MM-dd", "DDD", "a hh", "hh", "K", "k", "H a", "u",
        "e", "aa", "MMMMM", "yyyyyyyyy", "{", "yyyy]", "[", "[[yyyy]]", "XXXXXX", "T", "'x", "x'",
        "n", "VVV", "OO", "SSSSSSSSSS", "YYYY", "EEEEE", "", "DDDD", "HHH", "zzzzz", "A", "p", "B"};

    static void patterns() throws Exception {
        open("datefmt");
        Random r = new Random(8);
        table("CompileRow compile_rows[]");
        for (String p : PATTERNS) {
            out.println("{" + c(p) + ", "
                + c(outcome(() -> TimestampFormatter.apply(p, ZoneId.of("UTC"), false))) + ", "
                + c(outcome(() -> TimestampFormatter.apply(p, ZoneId.of("UTC"), true))) + "},");
        }
        end();
        StringBuilder parses = new StringBuilder();
        table("FormatRow format_rows[]");
        for (int i = 0; i < PATTERNS.length * 3; i++) {
            String p = PATTERNS[i / 3], z = ZONES[r.nextInt(ZONES.length)];
            ZoneId zi = ZoneId.of(z);
            long us = i % 3 == 0 ? 1709209845123456L : i % 3 == 1 ? someTime(r, zi)
                : (long) (r.nextDouble() * 4e17 - 2e17);
            int d = (int) Math.floorDiv(us, 86400000000L);
            if (!outcome(() -> TimestampFormatter.apply(p, zi, false)).equals("ok")) {
                continue;
            }
            TimestampFormatter f = TimestampFormatter.apply(p, zi, false);
            LocalDateTime local = DateTimeUtils$.MODULE$.microsToLocalDateTime(us);
            out.println("{" + c(p) + ", " + c(z) + ", " + us + "LL, " + value(() -> f.format(us))
                + ", " + value(() -> f.format(local)) + ", "
                + value(() -> DateFormatter$.MODULE$.apply(p, false).format(d)) + "},");
            if (!outcome(() -> TimestampFormatter.apply(p, zi, true)).equals("ok")) {
                continue;
            }
            TimestampFormatter g = TimestampFormatter.apply(p, zi, true);
            String shown = text(() -> f.format(us));
            for (String s : mutate(new String[]{shown == null ? "2020-01-01" : shown},
                "0123456789-+:. /TZapmJ", 2, i)) {
                parses.append("{" + c(p) + ", " + c(z) + ", " + cn(s) + ", "
                    + value(() -> g.parse(s)) + ", " + value(() -> g.parseWithoutTimeZone(s, true))
                    + ", " + value(() -> g.parseWithoutTimeZone(s, false)) + "},\n");
            }
        }
        end();
        table("ParseRow parse_rows[]");
        out.print(parses);
        end();
        close();
    }

    /* ---- intervals ---- */

    static final String[] INTERVALS = {"1 day", "abc", "", "  ", "interval", "intervalx 1 day",
        "interval 1 day 2 hours", "1", "1.", "1.5", "1.5 days", "1.5 seconds",
        "1.1234567891 seconds", "1.x seconds", "1x day", "- 1 day", "-", "1 dayz",
        "1 days2 hours", "1 foo", "9223372036854775808 days", "99999999999 days",
        "1 day  foo bar", "INTERVAL 1 Year 2 MONTHS", "1 millisecond 1 microsecond",
        ".5 seconds", ".", "1 day 2", " . seconds", "-.5 seconds", "+1 day", "1 week -2 days",
        "1500 nanoseconds", "100 microseconds", "5 days 3 hours 10 seconds", "-10 seconds",
        "1 month", "9223372036854775807 microseconds", "2147483647 days", "178956970 years"};
    static final String[] YEAR_MONTHS = {"1-2", "-1-2", "+10-11", "5", "|1-2", "1-12",
        "INTERVAL '1-2' YEAR TO MONTH", "interval - '1-2' year to month", "INTERVAL -'-3' YEAR",
        "INTERVAL '7' MONTH", "178956970-7", "-178956970-8", "178956970-8", "178956970", " 1-2 ",
        "x", "", "99999999999999999999"};
    static final String[] DAY_TIMES = {"1 02:03:04.5", "-1 02:03:04", "1", "1.5", "1 2", "1 02:03",
        "02:03", "02:03:04", "03:04.123456789", "03:04.1234567891",
        "INTERVAL '1 02:03:04' DAY TO SECOND", "INTERVAL -'1' DAY", "INTERVAL '1.5' SECOND",
        "INTERVAL '10:20' HOUR TO MINUTE", "106751991 04:00:54.775807",
        "-106751991 04:00:54.775808", "2562047788:00:54", "100:00", "x", ""};

    static void intervals() throws Exception {
        var iu = IntervalUtils$.MODULE$;
        var ansi = IntervalStringStyles$.MODULE$.ANSI_STYLE();
        int[][] ym = {{0, 0}, {0, 1}, {1, 1}};
        int[][] dt = {{0, 0}, {0, 1}, {0, 2}, {0, 3}, {1, 1}, {1, 2}, {1, 3}, {2, 2}, {2, 3}, {3, 3}};
        open("interval");
        table("ParseRow parse_rows[]");
        for (String s : mutate(INTERVALS, "0123456789-+. dhsy", 120, 9)) {
            Call f = () -> iu.stringToInterval(UTF8String.fromString(s));
            out.println("{" + cn(s) + ", " + c(outcome(f)) + ", " + value(f) + ", " + value(() -> {
                String t = org.apache.spark.sql.streaming.Trigger.ProcessingTime(s).toString();
                return t.substring(22, t.length() - 1);
            }) + "},");
        }
        end();
        table("AnsiRow ym_rows[]");
        for (String s : mutate(YEAR_MONTHS, "0123456789-+'", 12, 10)) {
            for (int[] q : ym) {
                Call f = () -> iu.castStringToYMInterval(UTF8String.fromString(s), (byte) q[0], (byte) q[1]);
                out.println("{" + cn(s) + ", " + q[0] + ", " + q[1] + ", " + c(outcome(f)) + ", "
                    + value(f) + "},");
            }
        }
        end();
        table("AnsiRow dt_rows[]");
        for (String s : mutate(DAY_TIMES, "0123456789-+:. '", 12, 11)) {
            for (int[] q : dt) {
                Call f = () -> iu.castStringToDTInterval(UTF8String.fromString(s), (byte) q[0], (byte) q[1]);
                if (!outcome(f).equals("ArithmeticException")) {
                    out.println("{" + cn(s) + ", " + q[0] + ", " + q[1] + ", " + c(outcome(f)) + ", "
                        + value(f) + "},");
                }
            }
        }
        end();
        table("ShowRow show_rows[]");
        Random r = new Random(12);
        long[] special = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 86400000000L, 93784000000L,
            -93784500000L, 9999999, 10000000, 59000001};
        for (int i = 0; i < special.length + 15; i++) {
            long us = i < special.length ? special[i] : r.nextLong() >> r.nextInt(60);
            int months = i == 3 ? Integer.MIN_VALUE : (int) (us >> r.nextInt(32));
            for (int[] q : ym) {
                out.println("{true, " + q[0] + ", " + q[1] + ", " + c("" + months) + ", "
                    + c(iu.toYearMonthIntervalString(months, ansi, (byte) q[0], (byte) q[1])) + "},");
            }
            for (int[] q : dt) {
                out.println("{false, " + q[0] + ", " + q[1] + ", " + c("" + us) + ", "
                    + c(iu.toDayTimeIntervalString(us, ansi, (byte) q[0], (byte) q[1])) + "},");
            }
        }
        end();
        table("CalendarRow calendar_rows[]");
        for (int i = 0; i < 40; i++) {
            CalendarInterval v = new CalendarInterval(r.nextInt() >> r.nextInt(32),
                r.nextInt() >> r.nextInt(32), i == 0 ? Long.MIN_VALUE : r.nextLong() >> r.nextInt(64));
            out.println("{" + v.months + ", " + v.days + ", " + c("" + v.microseconds) + ", "
                + c(v.toString()) + "},");
        }
        end();
        close();
    }

    public static void main(String[] args) throws Exception {
        dir = args[0];
        numbers();
        decimals();
        datetimes();
        zones();
        patterns();
        intervals();
    }
}
