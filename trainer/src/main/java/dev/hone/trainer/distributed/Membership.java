package dev.hone.trainer.distributed;

import dev.hone.datasets.UserError;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * This process's place among those that train together, as torchrun and other launchers say it in the environment.
 *
 * @param rank of this process; 0 leads
 * @param worldSize how many there are, 2 or more
 * @param localRank of this process among those on its machine
 * @param localWorldSize how many of them are on its machine
 * @param address where rank 0 is
 * @param port where it listens
 * @param runId what all of them were given, and others not
 */
public record Membership(
        int rank, int worldSize, int localRank, int localWorldSize, String address, int port, String runId) {

    private static final int LAST_PORT = 65535;

    /** Rank 0 of processes that all are on this machine. */
    static Membership leader(int worldSize, String address, int port, String runId) {
        return new Membership(0, worldSize, 0, worldSize, address, port, runId);
    }

    /** What tells another process on this machine that it is {@code rank} of the same training. */
    Map<String, String> environmentOf(int other) {
        return Map.of(
                "RANK", Integer.toString(other),
                "WORLD_SIZE", Integer.toString(worldSize),
                "LOCAL_RANK", Integer.toString(other),
                "LOCAL_WORLD_SIZE", Integer.toString(localWorldSize),
                "MASTER_ADDR", address,
                "MASTER_PORT", Integer.toString(port),
                "HONE_RUN_ID", runId);
    }

    /**
     * Where the environment says that there are others: {@code WORLD_SIZE}, {@code RANK}, {@code MASTER_ADDR}, {@code
     * MASTER_PORT}, and as the id {@code HONE_RUN_ID} or torchrun's; null for a process on its own.
     *
     * @throws UserError where one of them is missing or no number
     */
    public static @Nullable Membership of(Map<String, String> environment) {
        if (!environment.containsKey("WORLD_SIZE") || number(environment, "WORLD_SIZE", 1, 9999) == 1) {
            return null;
        }
        int worldSize = number(environment, "WORLD_SIZE", 1, 9999);
        // torchrun's own store holds MASTER_PORT.
        int held = "True".equals(environment.get("TORCHELASTIC_USE_AGENT_STORE")) ? 1 : 0;
        return new Membership(
                number(environment, "RANK", 0, worldSize - 1),
                worldSize,
                environment.containsKey("LOCAL_RANK") ? number(environment, "LOCAL_RANK", 0, worldSize - 1) : 0,
                environment.containsKey("LOCAL_WORLD_SIZE") ? number(environment, "LOCAL_WORLD_SIZE", 1, worldSize) : 1,
                text(environment, "MASTER_ADDR"),
                number(environment, "MASTER_PORT", 1, LAST_PORT - held) + held,
                environment.getOrDefault("HONE_RUN_ID", environment.getOrDefault("TORCHELASTIC_RUN_ID", "")));
    }

    private static int number(Map<String, String> environment, String name, int least, int most) {
        String text = text(environment, name);
        if (text.matches("[0-9]{1,9}")) {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new UserError("The environment's " + name + " is \"" + text + "\": expected a number from " + least
                + " to " + most + ", as torchrun sets it");
    }

    private static String text(Map<String, String> environment, String name) {
        String text = environment.getOrDefault(name, "").strip();
        if (text.isEmpty()) {
            throw new UserError("The environment's WORLD_SIZE is " + environment.get("WORLD_SIZE") + " but " + name
                    + " is missing; set it as torchrun does, or unset WORLD_SIZE to train by one process");
        }
        return text;
    }
}
