package dev.hone.trainer.dashboard;

import dev.hone.trainer.report.EventLog;
import dev.hone.trainer.report.Report;
import dev.hone.trainer.report.RunStatus;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One run as browsers follow it: all that is known of it, then each event as it comes. */
final class LiveRun {

    /** Events a browser may be behind before it is told to start over. */
    private static final int RECENT = 5000;

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private final Path directory;
    private final EventLog log;
    private final Deque<JsonNode> recent = new ArrayDeque<>();

    LiveRun(Path directory) {
        this.directory = directory;
        this.log = new EventLog(directory);
    }

    Path directory() {
        return directory;
    }

    private void poll() {
        int cuts = log.cuts();
        List<JsonNode> fresh = log.poll();
        if (log.cuts() != cuts) {
            recent.clear();
        }
        recent.addAll(fresh.subList(Math.max(0, fresh.size() - RECENT), fresh.size()));
        while (recent.size() > RECENT) {
            recent.removeFirst();
        }
    }

    synchronized ObjectNode status() {
        poll();
        return JSON.valueToTree(RunStatus.of(directory, log, log.events(), Instant.now()));
    }

    /** All of the run, its status, and where events that follow are to be asked from. */
    synchronized ObjectNode snapshot() {
        ObjectNode snapshot = JSON.createObjectNode();
        snapshot.set("status", status());
        snapshot.set("run", Report.data(directory, log));
        snapshot.put("from", place(log.count()));
        return snapshot;
    }

    /**
     * What followed.
     *
     * @param from where a snapshot or the events before said
     * @return events, and where to ask from next; null where that place is no more
     */
    synchronized @Nullable ObjectNode since(String from) {
        poll();
        long behind = -1;
        String[] parts = from.split("-", -1);
        if (parts.length == 2 && parts[0].equals(String.valueOf(log.cuts())) && parts[1].matches("\\d{1,18}")) {
            behind = log.count() - Long.parseLong(parts[1]);
        }
        if (behind < 0 || behind > recent.size()) {
            return null;
        }
        ObjectNode answer = JSON.createObjectNode();
        answer.putArray("events")
                .addAll(recent.stream().skip(recent.size() - behind).collect(Collectors.toList()));
        answer.put("from", place(log.count()));
        return answer;
    }

    private String place(long count) {
        return log.cuts() + "-" + count;
    }
}
