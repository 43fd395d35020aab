package dev.hone.trainer.distributed;

import dev.hone.kernels.Device;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;

/**
 * Whether a process can exchange tensors from GPU to GPU.
 *
 * @param gpu what its GPU is called, as no other is
 * @param obstacle why it cannot, as what is said of it: "computes on cpu"; empty where it can
 */
record GpuOffer(String gpu, String obstacle) {

    static final TypeReference<GpuOffer> TYPE = new TypeReference<>() {};

    private static final String SWITCH = "HONE_NCCL";

    /** This process's. Opens NCCL. */
    static GpuOffer of(Device device, Map<String, String> environment) {
        if (!device.collects()) {
            return new GpuOffer("", "computes on " + device.name());
        }
        if ("0".equals(environment.get(SWITCH))) {
            return new GpuOffer("", "has " + SWITCH + "=0");
        }
        try {
            return new GpuOffer(device.collectiveMember(), "");
        } catch (RuntimeException e) {
            return new GpuOffer("", "cannot use NCCL: " + e.getMessage());
        }
    }

    /** Why processes with these offers, in the order of ranks, cannot all; empty where they can. */
    static String obstacle(List<GpuOffer> offers) {
        Map<String, Integer> owners = new HashMap<>();
        for (int rank = 0; rank < offers.size(); rank++) {
            GpuOffer offer = offers.get(rank);
            if (!offer.obstacle.isEmpty()) {
                return "rank " + rank + " " + offer.obstacle;
            }
            Integer owner = owners.putIfAbsent(offer.gpu, rank);
            if (owner != null) {
                return "ranks " + owner + " and " + rank + " have one GPU";
            }
        }
        return "";
    }
}
