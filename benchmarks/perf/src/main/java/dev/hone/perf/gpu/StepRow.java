package dev.hone.perf.gpu;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A measured figure.
 *
 * @param what names the row; the peer's rows of the same name are what it is compared with
 * @param rate in tokens a second
 * @param more further figures by name
 */
record StepRow(String what, double milliseconds, double rate, Map<String, Object> more) {

    StepRow(String what, double milliseconds, double rate) {
        this(what, milliseconds, rate, Map.of());
    }

    /** The same under another name. */
    StepRow named(String name) {
        return new StepRow(name, milliseconds, rate, more);
    }

    /** The same with one more figure. */
    StepRow with(String name, Object figure) {
        Map<String, Object> all = new LinkedHashMap<>(more);
        all.put(name, figure);
        return new StepRow(what, milliseconds, rate, all);
    }
}
