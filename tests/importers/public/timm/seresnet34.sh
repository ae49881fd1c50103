python train.py --model seresnet34 --batch-size 256 --amp \
  --sched cosine --epochs 150 --warmup-epochs 5 --lr 0.4
