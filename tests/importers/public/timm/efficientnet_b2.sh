python train.py --model efficientnet_b2 --opt rmsproptf --opt-eps .001 --weight-decay 1e-5 \
  --sched step --epochs 450 --decay-epochs 2.4 --decay-rate .97 --warmup-lr 1e-6 --lr .016
