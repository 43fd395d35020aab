package dev.hone.trainer.distributed;

import dev.hone.kernels.Device;
import java.util.List;
import tools.jackson.core.type.TypeReference;

/**
 * Processes whose GPUs exchange tensors, as rank 0 decides.
 *
 * @param id what they join by
 * @param processes how many they are
 * @param obstacle why they do not, in a clause; empty where they do
 */
record GpuGroup(byte[] id, int processes, String obstacle) {

    static final TypeReference<GpuGroup> TYPE = new TypeReference<>() {};

    /** @param offers of each process, in the order of ranks */
    static GpuGroup of(Device device, List<byte[]> offers) {
        String obstacle = GpuOffer.obstacle(
                offers.stream().map(offer -> Order.answer(offer, GpuOffer.TYPE)).toList());
        return new GpuGroup(obstacle.isEmpty() ? device.newCollectiveId() : new byte[0], offers.size(), obstacle);
    }
}
