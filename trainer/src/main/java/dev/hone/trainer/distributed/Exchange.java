package dev.hone.trainer.distributed;

import dev.hone.kernels.Tensor;

/** How tensors get from process to process: each of them calls the same of these methods, in the same order. */
interface Exchange extends AutoCloseable {

    /** Adds up a tensor over all processes, in the order of ranks: each has the sum afterwards. F32, contiguous. */
    void allReduce(Tensor values);

    /** Gives every process what rank 0 has, byte for byte. Of any type, contiguous. */
    void broadcast(Tensor values);

    @Override
    void close();
}
