package dev.hone.perf.gpu;

import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;

/**
 * Times one operation at a time, for operations.py, which has its peers timed in between: {@code OpTimings DEVICE}. Each line
 * of standard input is a request, and has a line of JSON as its answer:
 *
 * <pre>
 * rows             what there is to time
 * open WHAT        makes a row's tensors and calls it once
 * time CALLS WHAT  the seconds of each call
 * close WHAT       frees the tensors
 * </pre>
 *
 * <p>A request that fails is answered by {@code failure}; {@code lost} says that the process should not be asked again, since a
 * fault on the device ends all that it could do.
 *
 * <p>With {@code cpu} as the device it tries itself out, on small sizes.
 */
public final class OpTimings implements AutoCloseable {

    private record Open(Lab lab, Runnable call) {}

    private final Device device;
    private final OpTimer timer;
    private final Map<String, OpRows.Row> rows = new LinkedHashMap<>();
    private final Map<String, Open> open = new HashMap<>();

    OpTimings(Device device, int shrink) {
        this.device = device;
        this.timer = new OpTimer(device, shrink);
        new OpRows(device, shrink).all().forEach(row -> rows.put(row.what(), row));
    }

    public static void main(String[] arguments) throws IOException {
        String name = arguments[0];
        JsonMapper json = new JsonMapper();
        try (Device device = Devices.open(name);
                OpTimings timings = new OpTimings(device, name.equals("cpu") ? 64 : 1);
                BufferedReader requests =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String request = requests.readLine(); request != null; request = requests.readLine()) {
                System.out.println(json.writeValueAsString(timings.answer(request)));
                System.out.flush();
            }
        }
    }

    Map<String, Object> answer(String request) {
        String[] words = request.split(" ", 2);
        try {
            return switch (words[0]) {
                case "rows" -> rows();
                case "open" -> open(row(words[1]));
                case "time" -> {
                    String[] more = words[1].split(" ", 2);
                    Open opened = Objects.requireNonNull(open.get(more[1]), more[1] + " is not open");
                    yield Map.of("seconds", timer.seconds(opened.call(), Integer.parseInt(more[0])));
                }
                case "close" -> {
                    Open opened = Objects.requireNonNull(open.remove(words[1]), words[1] + " is not open");
                    opened.lab().close();
                    yield Map.of();
                }
                default -> throw new IllegalArgumentException("There is no request " + words[0]);
            };
        } catch (RuntimeException | OutOfMemoryError e) {
            return Map.of("failure", e.toString(), "lost", true);
        }
    }

    private OpRows.Row row(String what) {
        OpRows.Row row = rows.get(what);
        if (row == null) {
            throw new IllegalArgumentException("There is no row " + what);
        }
        return row;
    }

    private Map<String, Object> rows() {
        List<Map<String, Object>> all = rows.values().stream()
                .map(row -> Map.<String, Object>of("what", row.what(), "unit", row.unit(), "work", row.work()))
                .toList();
        return Map.of("device", device.description(), "java", System.getProperty("java.version"), "rows", all);
    }

    private Map<String, Object> open(OpRows.Row row) {
        Lab lab = new Lab(device, row.bytes());
        Runnable call = row.prepare().apply(lab);
        open.put(row.what(), new Open(lab, call));
        long free = device.freeMemory();
        call.run();
        device.synchronize();
        return row.workspace() == 0 ? Map.of() : Map.of("extra_bytes", row.workspace() + free - device.freeMemory());
    }

    @Override
    public void close() {
        open.values().forEach(opened -> opened.lab().close());
        timer.close();
    }
}
