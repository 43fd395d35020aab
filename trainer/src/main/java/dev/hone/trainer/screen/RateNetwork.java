package dev.hone.trainer.screen;

import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.termination.ScoreImprovementEpochTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingTrainer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/**
 * A dense network of one hidden layer that predicts several rates at once, fitted with early stopping: after each epoch its loss on other
 * examples is taken, and the weights of the epoch with the least are kept.
 */
final class RateNetwork {

    private static final int HIDDEN = 32;
    private static final int BATCH = 64;
    private static final int MAX_EPOCHS = 100;
    private static final int PATIENCE = 5;
    private static final double LEARNING_RATE = 3e-3;
    private static final double L2 = 1e-3;

    /** Less of the loss than this is no gain. */
    private static final double LEAST_GAIN = 1e-3;

    /**
     * Examples.
     *
     * @param features {@code [examples, features]}
     * @param rates {@code [examples, rates]}, in [0, 1]
     */
    record Examples(float[][] features, float[][] rates) {}

    private final MultiLayerNetwork network;

    private RateNetwork(MultiLayerNetwork network) {
        this.network = network;
    }

    /**
     * Fits to {@code fitted} until {@code stopping} says to stop; the same examples and seed give the same network.
     *
     * @param fitted features of mean 0 and variance 1, or near that
     */
    static RateNetwork fit(Examples fitted, Examples stopping, long seed) {
        MultiLayerConfiguration shape = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(WeightInit.XAVIER)
                .updater(new Adam(LEARNING_RATE))
                .l2(L2)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(fitted.features()[0].length)
                        .nOut(HIDDEN)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.XENT)
                        .nIn(HIDDEN)
                        .nOut(fitted.rates()[0].length)
                        .activation(Activation.SIGMOID)
                        .build())
                .build();
        EarlyStoppingConfiguration<MultiLayerNetwork> stop = new EarlyStoppingConfiguration.Builder<MultiLayerNetwork>()
                .epochTerminationConditions(
                        new MaxEpochsTerminationCondition(MAX_EPOCHS),
                        new ScoreImprovementEpochTerminationCondition(PATIENCE, LEAST_GAIN))
                .scoreCalculator(new DataSetLossCalculator(iterator(stopping), true))
                .evaluateEveryNEpochs(1)
                .modelSaver(new InMemoryModelSaver<>())
                .build();
        return new RateNetwork(
                new EarlyStoppingTrainer(stop, shape, iterator(fitted)).fit().getBestModel());
    }

    private static ListDataSetIterator<DataSet> iterator(Examples examples) {
        List<DataSet> rows = new DataSet(Nd4j.create(examples.features()), Nd4j.create(examples.rates())).asList();
        return new ListDataSetIterator<>(rows, BATCH);
    }

    /**
     * Predicts.
     *
     * @param features {@code [rows, features]}, at least one row
     * @return {@code [rows, rates]}
     */
    float[][] predict(float[][] features) {
        return network.output(Nd4j.create(features)).toFloatMatrix();
    }
}
