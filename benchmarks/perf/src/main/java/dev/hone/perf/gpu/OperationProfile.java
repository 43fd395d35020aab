package dev.hone.perf.gpu;

import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where the time of a step goes, operation by operation. A device in front of another waits for each operation to end
 * before the next may begin and counts its time, some microseconds of waiting included: a step takes longer so, and what
 * overlaps otherwise does not.
 */
final class OperationProfile implements InvocationHandler {

    /**
     * All calls of one operation with tensors of the same shapes.
     *
     * @param operation its name, and the shapes of its first two tensors
     * @param calls of a step
     * @param milliseconds of all those
     * @param share of the time of all operations
     */
    record Row(String operation, double calls, double milliseconds, double share) {}

    private record Spent(long calls, long nanoseconds) {
        Spent plus(Spent other) {
            return new Spent(calls + other.calls, nanoseconds + other.nanoseconds);
        }
    }

    private static final int NAMED_TENSORS = 2;

    private final Device behind;
    private final Device device;
    private final Map<String, Spent> spent = new HashMap<>();

    OperationProfile(Device behind) {
        this.behind = behind;
        this.device =
                (Device) Proxy.newProxyInstance(Device.class.getClassLoader(), new Class<?>[] {Device.class}, this);
    }

    /** The device whose operations are counted. It records none: a replay would be no operation's time. */
    Device device() {
        return device;
    }

    /** Forgets what was counted so far. */
    void clear() {
        spent.clear();
    }

    /** What {@code steps} steps came to, the longest first. */
    List<Row> rows(int steps) {
        double all = spent.values().stream().mapToLong(Spent::nanoseconds).sum();
        return spent.entrySet().stream()
                .map(entry -> new Row(
                        entry.getKey(),
                        (double) entry.getValue().calls() / steps,
                        entry.getValue().nanoseconds() / 1e6 / steps,
                        entry.getValue().nanoseconds() / all))
                .sorted(Comparator.comparingDouble(Row::milliseconds).reversed())
                .toList();
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("records")) {
            return false;
        }
        List<Tensor> tensors = arguments == null
                ? List.of()
                : Arrays.stream(arguments)
                        .filter(Tensor.class::isInstance)
                        .map(Tensor.class::cast)
                        .toList();
        long start = System.nanoTime();
        try {
            Object result = method.invoke(behind, arguments);
            if (!tensors.isEmpty()) {
                behind.synchronize();
                spent.merge(name(method, tensors), new Spent(1, System.nanoTime() - start), Spent::plus);
            }
            return result;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static String name(Method method, List<Tensor> tensors) {
        return method.getName()
                + tensors.stream()
                        .limit(NAMED_TENSORS)
                        .map(tensor -> " " + Arrays.toString(tensor.shape()))
                        .collect(Collectors.joining());
    }
}
