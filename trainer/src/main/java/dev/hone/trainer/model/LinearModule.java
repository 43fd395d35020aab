package dev.hone.trainer.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear module of a layer under its Hugging Face name: rows {@code [from, to)} of one of the matrices that the
 * transformer multiplies by.
 *
 * @param name as {@code model.layers.0.self_attn.q_proj}
 * @param in columns of the matrix
 */
record LinearModule(String name, int layer, Matrix matrix, long from, long to, long in) {

    /** The matrices of a layer. */
    enum Matrix {
        QKV,
        OUTPUT,
        GATE_UP,
        DOWN
    }

    /** The last part of the name. */
    String leaf() {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    long out() {
        return to - from;
    }

    /** Elements of the weight. */
    long size() {
        return out() * in;
    }

    /** All of a model's, layer by layer; the classifier is none. */
    static List<LinearModule> of(ModelConfig config) {
        List<LinearModule> modules = new ArrayList<>();
        long hidden = config.hiddenSize();
        long query = config.querySize();
        long key = config.keySize();
        long middle = config.intermediateSize();
        for (int i = 0; i < config.layers(); i++) {
            String attention = "model.layers." + i + ".self_attn.";
            String mlp = "model.layers." + i + ".mlp.";
            if (config.family().fusedNames()) {
                modules.add(new LinearModule(attention + "qkv_proj", i, Matrix.QKV, 0, query + 2 * key, hidden));
                modules.add(new LinearModule(mlp + "gate_up_proj", i, Matrix.GATE_UP, 0, 2 * middle, hidden));
            } else {
                modules.add(new LinearModule(attention + "q_proj", i, Matrix.QKV, 0, query, hidden));
                modules.add(new LinearModule(attention + "k_proj", i, Matrix.QKV, query, query + key, hidden));
                modules.add(
                        new LinearModule(attention + "v_proj", i, Matrix.QKV, query + key, query + 2 * key, hidden));
                modules.add(new LinearModule(mlp + "gate_proj", i, Matrix.GATE_UP, 0, middle, hidden));
                modules.add(new LinearModule(mlp + "up_proj", i, Matrix.GATE_UP, middle, 2 * middle, hidden));
            }
            modules.add(new LinearModule(attention + "o_proj", i, Matrix.OUTPUT, 0, hidden, query));
            modules.add(new LinearModule(mlp + "down_proj", i, Matrix.DOWN, 0, hidden, middle));
        }
        return modules;
    }
}
