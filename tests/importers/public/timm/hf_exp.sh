python train.py --model convnextv2_base --batch-size 64 \
  --opt adamw --weight-decay 0 --lr 1e-4 --min-lr 5e-5 \
  --sched cosine --epochs 10 --warmup-epochs 0 --warmup-lr 1e-4 --cooldown-epochs 0
