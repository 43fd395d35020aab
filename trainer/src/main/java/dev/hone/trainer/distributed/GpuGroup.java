package dev.hone.trainer.distributed;

import tools.jackson.core.type.TypeReference;

/**
 * Processes whose GPUs exchange tensors.
 *
 * @param id what they join by
 * @param processes how many they are
 */
record GpuGroup(byte[] id, int processes) {
    static final TypeReference<GpuGroup> TYPE = new TypeReference<>() {};
}
