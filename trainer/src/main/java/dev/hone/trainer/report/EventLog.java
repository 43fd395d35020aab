package dev.hone.trainer.report;

import dev.hone.datasets.UserError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run's events.jsonl, read while another process writes it or after. Takes bounded memory however long the run: curves
 * are thinned ({@link Curve}), of all else the newest {@value #NEWEST} of each kind are kept. A line that is no JSON, as
 * a failing machine may leave one, is passed over and counted.
 */
public final class EventLog {

    static final int NEWEST = 2000;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Set<String> CURVES = Set.of("train", "rl", "dpo", "eval_loss", "system");
    private static final int CHUNK = 1 << 20;
    private static final int LONGEST_LINE = 16 << 20;
    private static final int REMEMBERED = 64;

    private record Kept(long sequence, JsonNode event) {}

    private final Path file;
    private final Map<String, Curve> curves = new HashMap<>();
    private final Map<String, Deque<Kept>> others = new HashMap<>();
    private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
    private byte[] tail = new byte[0];
    private long position;
    private long sequence;
    private long unreadable;
    private int cuts;

    public EventLog(Path run) {
        this.file = run.resolve("events.jsonl");
    }

    /**
     * Reads what was appended since the last time. Where the file was cut, as a resumed run does, all is read anew.
     *
     * @return the new events, in order; empty while there is no file
     * @throws UserError where the file cannot be read
     */
    public synchronized List<JsonNode> poll() {
        List<JsonNode> fresh = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            if (!goesOn(channel)) {
                forget();
            }
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            while (channel.read(chunk.clear(), position) > 0) {
                byte[] bytes = Arrays.copyOf(chunk.array(), chunk.position());
                position += bytes.length;
                remember(bytes);
                split(bytes, fresh);
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UserError("Cannot read " + file + " (" + e.getMessage() + "); check its permissions", e);
        }
        return fresh;
    }

    /** Whether the file still begins with what was read of it, as far as its last bytes tell. */
    private boolean goesOn(FileChannel channel) throws IOException {
        if (channel.size() < position) {
            return false;
        }
        ByteBuffer there = ByteBuffer.allocate(tail.length);
        while (there.hasRemaining() && channel.read(there, position - tail.length + there.position()) > 0) {
            // Reads until it is full.
        }
        return Arrays.equals(there.array(), tail);
    }

    private void remember(byte[] bytes) {
        byte[] both = Arrays.copyOf(tail, tail.length + bytes.length);
        System.arraycopy(bytes, 0, both, tail.length, bytes.length);
        tail = Arrays.copyOfRange(both, Math.max(0, both.length - REMEMBERED), both.length);
    }

    private void forget() {
        curves.clear();
        others.clear();
        unfinished.reset();
        tail = new byte[0];
        position = 0;
        sequence = 0;
        unreadable = 0;
        cuts++;
    }

    private void split(byte[] bytes, List<JsonNode> fresh) {
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                unfinished.write(bytes, from, i - from);
                from = i + 1;
                take(unfinished.toByteArray(), fresh);
                unfinished.reset();
            }
        }
        if (unfinished.size() < LONGEST_LINE) {
            unfinished.write(bytes, from, bytes.length - from);
        }
    }

    private void take(byte[] line, List<JsonNode> fresh) {
        JsonNode event;
        try {
            event = JSON.readTree(line);
        } catch (JacksonException e) {
            unreadable++;
            return;
        }
        if (!event.isObject()) {
            unreadable++;
            return;
        }
        fresh.add(event);
        keep(event);
    }

    private void keep(JsonNode event) {
        String name = event.path("event").asString("");
        String phase = event.path("phase").asString("");
        long at = sequence++;
        if (CURVES.contains(name)) {
            // What a machine does knows no phases.
            curves.computeIfAbsent(name.equals("system") ? name : name + "\n" + phase, key -> new Curve())
                    .add(at, event);
            return;
        }
        Deque<Kept> kept = others.computeIfAbsent(name, key -> new ArrayDeque<>());
        if (name.equals("progress") && !kept.isEmpty()) {
            // The first and the last of a task tell how fast it goes.
            if (!kept.getFirst().event().path("task").equals(event.path("task"))) {
                kept.clear();
            } else if (kept.size() > 1) {
                kept.removeLast();
            }
        }
        kept.addLast(new Kept(at, event));
        if (kept.size() > NEWEST) {
            kept.removeFirst();
        }
    }

    /** What is kept of all events, in the order written. */
    public synchronized List<JsonNode> events() {
        List<Kept> all = new ArrayList<>();
        curves.values().forEach(curve -> curve.forEach((at, event) -> all.add(new Kept(at, event))));
        others.values().forEach(all::addAll);
        all.sort(Comparator.comparingLong(Kept::sequence));
        return all.stream().map(Kept::event).toList();
    }

    /** Lines that are no JSON object. */
    public synchronized long unreadable() {
        return unreadable;
    }

    /** How often the file was cut while it was read. */
    public synchronized int cuts() {
        return cuts;
    }

    /** How many events there were in all. */
    public synchronized long count() {
        return sequence;
    }

    public boolean exists() {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }
}
