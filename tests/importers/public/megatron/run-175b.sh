MICRO_BATCH=4
NODES=1
GPN=8
GLOBAL_BATCH=$(( ${GPN} * ${MICRO_BATCH} * ${NODES} ))
cat <<EOT > ds_config.json
{
  "train_batch_size" : $GLOBAL_BATCH,
  "zero_optimization": {"stage": 3}
}
EOT
ds_args=" "
ds_args=" --deepspeed ${ds_args}"
deepspeed --num_nodes=$NODES pretrain_gpt.py \
    --global-batch-size $GLOBAL_BATCH \
    --train-iters 1000 \
    --lr 6.0e-5 \
    --min-lr 6.0e-6 \
    --lr-decay-style cosine \
    --weight-decay 0.1 \
    $ds_args \
    --exit-interval 5000 | tee output.log
