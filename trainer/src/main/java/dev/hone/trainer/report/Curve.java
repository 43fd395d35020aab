package dev.hone.trainer.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Events of one kind, one after another, in bounded memory: beyond {@value #MOST} of them neighbours become one event of
 * their means, so that a chart of a long run stays light and still shows all of it. Such an event says how many it stands
 * for ({@code events}) and between which values the figures of {@link #RANGED} lay ({@code range}).
 */
final class Curve {

    /** Events kept; at least half as many once there were more. */
    static final int MOST = 1000;

    /** Figures whose extremes must not vanish in means. */
    static final List<String> RANGED = List.of("loss", "reward", "grad_norm");

    private static final MathContext DIGITS = new MathContext(6);

    /** What lies in events so close that a chart shows them as one. */
    private static final class Bucket {

        private final long sequence;
        private final JsonNode first;
        private final @Nullable Map<String, Figure> figures;
        private int count = 1;

        Bucket(long sequence, JsonNode first, boolean alone) {
            this.sequence = sequence;
            this.first = first;
            this.figures = alone ? null : figures(first);
        }

        private Bucket(Bucket single) {
            this(single.sequence, single.first, false);
        }

        Bucket with(JsonNode event) {
            Bucket grown = figures == null ? new Bucket(this) : this;
            grown.add(figures(event), 1);
            return grown;
        }

        Bucket with(Bucket other) {
            Bucket grown = figures == null ? new Bucket(this) : this;
            grown.add(other.figures == null ? figures(other.first) : other.figures, other.count);
            return grown;
        }

        private void add(Map<String, Figure> more, int events) {
            count += events;
            if (figures != null) {
                more.forEach((path, figure) -> figures.merge(path, figure, Figure::and));
            }
        }

        JsonNode event() {
            if (figures == null || !(first.deepCopy() instanceof ObjectNode event)) {
                return first;
            }
            figures.forEach((path, figure) -> {
                int slash = path.indexOf('/');
                ObjectNode at = event;
                if (slash >= 0) {
                    at = event.get(path.substring(0, slash)) instanceof ObjectNode there
                            ? there
                            : event.putObject(path.substring(0, slash));
                }
                at.put(path.substring(slash + 1), figure.mean());
            });
            event.put("step", Math.round(event.path("step").asDouble()));
            event.put("events", count);
            ObjectNode range = event.putObject("range");
            for (String name : RANGED) {
                Figure figure = figures.get(name);
                if (figure != null) {
                    range.putArray(name).add(rounded(figure.low)).add(rounded(figure.high));
                }
            }
            return event;
        }
    }

    private record Figure(double sum, long count, double low, double high) {

        Figure and(Figure other) {
            return new Figure(
                    sum + other.sum, count + other.count, Math.min(low, other.low), Math.max(high, other.high));
        }

        double mean() {
            return rounded(sum / count);
        }
    }

    private final List<Bucket> buckets = new ArrayList<>();
    private int width = 1;

    /** @param sequence the event's place among all of a run */
    void add(long sequence, JsonNode event) {
        int last = buckets.size() - 1;
        if (last >= 0 && buckets.get(last).count < width) {
            buckets.set(last, buckets.get(last).with(event));
            return;
        }
        buckets.add(new Bucket(sequence, event, width == 1));
        if (buckets.size() > MOST) {
            halve();
        }
    }

    private void halve() {
        List<Bucket> all = List.copyOf(buckets);
        buckets.clear();
        for (int i = 0; i < all.size(); i += 2) {
            buckets.add(i + 1 < all.size() ? all.get(i).with(all.get(i + 1)) : all.get(i));
        }
        width *= 2;
    }

    void forEach(BiConsumer<Long, JsonNode> use) {
        buckets.forEach(bucket -> use.accept(bucket.sequence, bucket.event()));
    }

    private static Map<String, Figure> figures(JsonNode event) {
        Map<String, Figure> figures = new TreeMap<>();
        event.properties().forEach(field -> {
            each(field.getValue(), value -> figures.put(field.getKey(), new Figure(value, 1, value, value)));
            if (field.getValue().isObject()) {
                field.getValue()
                        .properties()
                        .forEach(part -> each(
                                part.getValue(),
                                value -> figures.put(
                                        field.getKey() + "/" + part.getKey(), new Figure(value, 1, value, value))));
            }
        });
        return figures;
    }

    private static void each(JsonNode node, Consumer<Double> use) {
        if (node.isNumber() && Double.isFinite(node.asDouble())) {
            use.accept(node.asDouble());
        }
    }

    private static double rounded(double value) {
        return BigDecimal.valueOf(value).round(DIGITS).doubleValue();
    }
}
