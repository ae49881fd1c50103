CHECKPOINT_PATH=$1
TRAINING_ARGS=(
    --micro-batch-size 4
    --global-batch-size 32
    --train-iters 1000000
    --weight-decay 1e-2
    --lr 0.0001
    --lr-decay-iters 990000
    --lr-decay-style linear
    --min-lr 1.0e-5
    --weight-decay 1e-2
    --lr-warmup-fraction .01
)
torchrun pretrain_bert.py ${TRAINING_ARGS[@]} --save $CHECKPOINT_PATH
